import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/core/assert.ts';
import type { BodyOperation } from '../../src/policy/llm/fields.ts';
import { answerTexts, requestTexts } from '../../src/policy/llm/texts/body-texts.ts';
import { eventTexts } from '../../src/policy/llm/texts/event-texts.ts';
import { closeInner, openInner } from '../../src/policy/llm/texts/inner-json.ts';
import { describePlace, textOf } from '../../src/policy/llm/texts/site.ts';
import type { Texts } from '../../src/policy/llm/texts/site.ts';
import { writeEvent } from '../../src/policy/llm/texts/sse-event.ts';
import { editsFor, writeBack } from '../../src/policy/llm/texts/write-back.ts';
import { dataOf } from '../../src/policy/llm/usage/sse-data.ts';
import { messageAnswer, messagesRequest } from '../unit/policy/llm/texts/anthropic-samples.ts';
import { chatEvents, completionEvents, messageEvents, responsesEvents } from '../unit/policy/llm/texts/event-samples.ts';
import { chatAnswer, completionAnswer, embeddingsAnswer, openaiError } from '../unit/policy/llm/texts/openai-answers.ts';
import { chatRequest, chatStrings, completionsRequest, embeddingsRequest } from '../unit/policy/llm/texts/openai-requests.ts';
import { modelItems, response, responsesRequest } from '../unit/policy/llm/texts/responses-samples.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const isObject = (value: Json): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** The JSON of a sample, as a value. */
function jsonOf(sample: unknown): Json {
  if (sample === null || typeof sample === 'string' || typeof sample === 'number' || typeof sample === 'boolean') {
    return sample;
  }
  if (Array.isArray(sample)) {
    return sample.map((each) => jsonOf(each));
  }
  must(typeof sample === 'object', 'a sample is JSON');
  return Object.fromEntries(Object.entries(sample).map(([name, value]) => [name, jsonOf(value)]));
}

interface Shape {
  readonly name: string;
  readonly bodies: readonly Json[];
  readonly read: (bytes: Buffer) => Texts;
}

const requests = (operation: BodyOperation, ...samples: readonly object[]): Shape => ({
  name: `requests of ${operation}`,
  bodies: samples.map((sample) => jsonOf(sample)),
  read: (bytes) => requestTexts(operation, bytes),
});

const answers = (operation: BodyOperation, ...samples: readonly object[]): Shape => ({
  name: `answers of ${operation}`,
  bodies: samples.map((sample) => jsonOf(sample)),
  read: (bytes) => {
    const read = answerTexts(operation, bytes);
    must(read.kind === 'read', 'a sample is one JSON object');
    return read;
  },
});

const events = (operation: BodyOperation, samples: readonly object[]): Shape => ({
  name: `events of ${operation}`,
  bodies: samples.map((sample) => jsonOf(sample)),
  read: (bytes) => {
    const read = eventTexts(operation, { bytes, start: 6 });
    must(read.kind === 'event', 'a sample is one JSON object');
    return read;
  },
});

const SHAPES: readonly Shape[] = [
  requests('chat', chatRequest(), chatStrings()),
  requests('completions', completionsRequest()),
  requests('embeddings', embeddingsRequest(), { input: [1, 2] }),
  requests('responses', responsesRequest(), { input: modelItems() }),
  requests('messages', messagesRequest()),
  requests('count_tokens', messagesRequest()),
  answers('chat', chatAnswer(), openaiError()),
  answers('completions', completionAnswer()),
  answers('embeddings', embeddingsAnswer()),
  answers('responses', response()),
  answers('messages', messageAnswer()),
  answers('count_tokens', { input_tokens: 1 }),
  events('chat', chatEvents()),
  events('completions', completionEvents()),
  events('responses', responsesEvents()),
  events('messages', messageEvents()),
];

const namesOf = (lists: readonly string[]): ReadonlySet<string> => new Set(lists.flatMap((list) => list.split(' ')));

/**
 * Members that carry no text, by what they are. A string of theirs that is not yielded is a word of the API or an id: no spaces, no at
 * sign, no long number by itself. Below the last ones (figures of the API's own) any name may be one of them.
 */
const NO_TEXT = namesOf([
  // What a value is, and whose: known words.
  'type role object finish_reason stop_reason status phase category error_code file_type media_type format',
  // Names of models, judged against the declared ones, and what the provider calls its versions.
  'model system_fingerprint fingerprint version',
  // Ids, made by providers.
  'id call_id tool_call_id tool_use_id item_id file_id container_id approval_request_id request_id tab_id',
  'created_by stream_id previous_response_id container connector_id tunnel_id user_profile_id workspace_id',
  // Choices that an API offers.
  'service_tier speed detail mode verbosity reasoning_effort effort summary generate_summary context',
  'truncation modalities voice encoding_format prompt_cache_retention search_context_size search_content_types',
  'syntax execution tool_choice function_call include button toolset_name allowed_callers inference_geo',
  'action background complexity input_fidelity moderation output_format quality size environment response_inclusion',
  'code obfuscation',
  // Vectors.
  'embedding',
]);
/** Below these everything is the API's own: each string and each name is checked to be a word or an id. */
const FIGURES = namesOf([
  'usage logit_bias prompt_cache_breakpoint cache_control prompt_cache_options caller thinking citations configs',
  'context_management diagnostics container content_filter_results prompt_filter_results incomplete_details path',
  'transformations reasoning access_programs image svg svg_usage ranking_options conversation tool_usage',
  'prompt_cache_diagnostics default_config url_sources citation',
]);

const isWordOrId = (text: string): boolean => /^[\w.:|/+=~@ -]*$/.test(text) && !/(?<![0-9A-Za-z])\d{9,}(?![0-9A-Za-z])/.test(text);
const isVector = (text: string): boolean => /^[A-Za-z0-9+/]*={0,2}$/.test(text);

interface Literal {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly isName: boolean;
  /** The members on the way to it. */
  readonly path: readonly string[];
}

/** Visits every string of compact JSON with where it lies, and puts what `visit` returns in its place. Judges the code by other means. */
function mapLiterals(value: Json, at: number, path: readonly string[], visit: (literal: Literal) => string): { value: Json; end: number } {
  const visitText = (text: string, start: number, isName: boolean): { value: string; end: number } => {
    const end = start + Buffer.byteLength(JSON.stringify(text));
    return { value: visit({ text, start, end, isName, path }), end };
  };
  if (typeof value === 'string') {
    return visitText(value, at, false);
  }
  if (isList(value)) {
    const list: Json[] = [];
    let next = at + 1;
    for (const each of value) {
      const mapped = mapLiterals(each, next, path, visit);
      list.push(mapped.value);
      next = mapped.end + 1;
    }
    return { value: list, end: Math.max(next, at + 2) };
  }
  if (isObject(value)) {
    const members: [string, Json][] = [];
    let next = at + 1;
    for (const [name, each] of Object.entries(value)) {
      const named = visitText(name, next, true);
      const mapped = mapLiterals(each, named.end + 1, [...path, name], visit);
      members.push([named.value, mapped.value]);
      next = mapped.end + 1;
    }
    return { value: Object.fromEntries(members), end: Math.max(next, at + 2) };
  }
  return { value, end: at + JSON.stringify(value).length };
}

function literalsOf(body: Json): readonly Literal[] {
  const literals: Literal[] = [];
  mapLiterals(body, 0, [], (literal) => {
    literals.push(literal);
    return literal.text;
  });
  return literals;
}

const anyText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('jane@example.com', '4111 1111 1111 1111', 'call_123456789', 'text', 'a "quote" \\ and \n line', 'message', 'user', ''),
);

const anyJson = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    anyText,
    fc.constantFrom(null, true, 5, 4_111_111_111_111_111, -0.25),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(anyText, fc.constantFrom('type', 'content', 'role', 'text', 'id', 'index', 'input', 'usage')), tie('json'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).json;

/** Puts `given` somewhere into the value, by the numbers of `way`. */
function disturb(value: Json, way: readonly number[], given: Json): Json {
  const [turn, ...rest] = way;
  if (turn === undefined || typeof value !== 'object' || value === null) {
    return given;
  }
  if (isList(value)) {
    const at = turn % (value.length + 1);
    return at === value.length ? [...value, given] : value.map((each, index) => (index === at ? disturb(each, rest, given) : each));
  }
  const names = Object.keys(value);
  const name = names[turn % (names.length + 1)];
  return name === undefined
    ? { ...value, [typeof given === 'string' ? given : 'dream']: given }
    : { ...value, [name]: disturb(value[name] ?? null, rest, given) };
}

const disturbed = (shape: Shape): fc.Arbitrary<Json> =>
  fc
    .tuple(
      fc.constantFrom(...shape.bodies),
      fc.array(fc.tuple(fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }), anyJson), { maxLength: 4 }),
    )
    .map(([body, changes]) => changes.reduce<Json>((value, [way, given]) => disturb(value, way, given), body));

const covers = (texts: Texts, { start, end }: Literal): boolean =>
  [...texts.sites, ...texts.unreadable].some((found) => found.start <= start && found.end >= end);

/** All names that the samples have: what an API is known to have. */
const KNOWN_NAMES = new Set(
  SHAPES.flatMap(({ bodies }) => bodies.flatMap((body) => literalsOf(body).flatMap((literal) => (literal.isName ? [literal.text] : [])))),
);

function isExcused(literal: Literal): boolean {
  const { text, path, isName } = literal;
  const last = path.at(-1) ?? '';
  if (text === '') {
    return true;
  }
  if (isName) {
    return (KNOWN_NAMES.has(text) || path.some((name) => FIGURES.has(name))) && isWordOrId(text);
  }
  const isListed = NO_TEXT.has(last) || path.some((name) => FIGURES.has(name));
  return isListed && (isWordOrId(text) || (last === 'embedding' && isVector(text)));
}

describe.each(SHAPES)('the texts of $name', (shape) => {
  it('are all strings there are, but for those of the members that carry none', () => {
    fc.assert(
      fc.property(disturbed(shape), (body) => {
        fc.pre(isObject(body));
        const bytes = Buffer.from(JSON.stringify(body));
        const texts = shape.read(bytes);
        const unseen = literalsOf(body).filter((literal) => !covers(texts, literal) && !isExcused(literal));
        expect(unseen.map(({ path, text }) => `${path.join('.')}: ${text}`)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('lie in order, apart, and are what their bytes say', () => {
    fc.assert(
      fc.property(disturbed(shape), (body) => {
        fc.pre(isObject(body));
        const bytes = Buffer.from(JSON.stringify(body));
        const { sites } = shape.read(bytes);
        let before = 0;
        for (const site of sites) {
          expect(site.start).toBeGreaterThanOrEqual(before);
          before = site.end;
          const literal = bytes.toString('utf8', site.start, site.end);
          const isRaw = site.kind === 'number' || site.kind === 'logprobs';
          expect(textOf(bytes, site)).toBe(isRaw ? literal : JSON.parse(literal));
          expect(describePlace(site.place)).toMatch(/^(?:[a-z_0-9]+|\{\d+\})(?:\.[a-z_0-9]+|\[\d+\]|\{\d+\})*$/);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are written back: the same bytes for the same texts, and the new ones in their places', () => {
    fc.assert(
      fc.property(disturbed(shape), fc.array(anyText, { minLength: 1, maxLength: 5 }), (body, words) => {
        fc.pre(isObject(body));
        const bytes = Buffer.from(JSON.stringify(body));
        const { sites } = shape.read(bytes);
        expect(
          writeBack(
            bytes,
            sites.filter((site) => site.kind !== 'signed').map((site) => ({ site, text: textOf(bytes, site) })),
          ),
        ).toBe(bytes);

        // Two names of one object must not become the same.
        const changed = sites.filter((site) => !['signed', 'key', 'logprobs', 'number'].includes(site.kind));
        const fresh = new Map(changed.map((site, index) => [site.start, words[index % words.length] ?? '']));
        const written = writeBack(
          bytes,
          changed.map((site) => ({ site, text: fresh.get(site.start) ?? '' })),
        );
        const expected = mapLiterals(body, 0, [], ({ start, text }) => fresh.get(start) ?? text).value;
        expect(JSON.parse(written.toString())).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe('JSON in a text', () => {
  it('is the same text where nothing changes, and the expected value where all of it does', () => {
    fc.assert(
      fc.property(anyJson, fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const inner = openInner(text, 'assistant');
        must(inner !== undefined, 'the text is JSON');
        const { bytes, sites } = inner;
        expect(
          closeInner(
            inner,
            sites.map((site) => ({ site, text: textOf(bytes, site) })),
          ),
        ).toBe(text);
        const changed = sites.filter((site) => site.kind === 'text');
        const parsed: unknown = JSON.parse(
          closeInner(
            inner,
            changed.map((site) => ({ site, text: `"${textOf(bytes, site)}\\` })),
          ),
        );
        const expected = mapLiterals(value, 0, [], (literal) =>
          literal.isName || literal.text === '' ? literal.text : `"${literal.text}\\`,
        ).value;
        expect(parsed).toEqual(expected);
      }),
    );
  });

  it('is never read from what is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const inner = openInner(text, 'assistant');
        if (inner !== undefined) {
          expect(() => {
            JSON.parse(text);
          }).not.toThrow();
        }
      }),
    );
  });
});

describe('an event', () => {
  it('is written anew in any framing: the same bytes for the same texts, and the new ones in their places', () => {
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(
        fc.constantFrom(...chatEvents(), ...messageEvents()),
        lineEnd,
        fc.nat(3),
        fc.boolean(),
        anyText,
        (event, end, indent, isMarked, word) => {
          const lines = JSON.stringify(event, undefined, indent).split('\n');
          const framed = [': comment', ...lines.map((line) => `data: ${line}`), 'id: 1', '', ''].join(end);
          const block = Buffer.from(`${isMarked ? '\ufeff' : ''}${framed}`);
          const data = dataOf(block);
          must(data !== undefined, 'the sample has data');
          const texts = eventTexts('choices' in event ? 'chat' : 'messages', data);
          must(texts.kind === 'event', 'the sample is an event');
          expect(writeEvent(block, data, [])).toBe(block);

          const changed = texts.sites.filter((site) => site.kind === 'text');
          const edits = editsFor(
            data.bytes,
            changed.map((site) => ({ site, text: word })),
          );
          const again = dataOf(writeEvent(block, data, edits));
          must(again !== undefined, 'the new event has data');
          const parsed: unknown = JSON.parse(again.bytes.toString());
          expect(parsed).toEqual(
            JSON.parse(
              writeBack(
                data.bytes,
                changed.map((site) => ({ site, text: word })),
              ).toString(),
            ),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
