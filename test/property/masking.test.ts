import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { must } from '../../src/core/assert.ts';
import type { MaskingRule } from '../../src/core/masking.ts';
import { PERSONAL_ENTITIES, SECRET_ENTITIES } from '../../src/core/entity-list.ts';
import { maskRequest, type MaskedRequest } from '../../src/policy/masking/mask-request.ts';
import { MaskedStream } from '../../src/policy/masking/mask-events.ts';
import { maskingOf, planFor } from '../../src/policy/masking/masking.ts';
import { openAnswerFilters } from '../../src/policy/masking/answer-filters.ts';
import { openPlaceholders } from '../../src/policy/masking/placeholder.ts';
import { openRestorer } from '../../src/policy/masking/restore.ts';
import { madeStream, STREAMING, type AnswerTexts } from '../support/made-streams.ts';
import { namedValues } from '../support/pii-values.ts';
import { readStream } from '../support/read-streams.ts';

const rule: MaskingRule = {
  request: { actions: new Map(PERSONAL_ENTITIES.map((entity) => [entity, 'mask'])), pass: [], restore: true },
  response: undefined,
};
const plan = planFor(maskingOf(rule));
const placeholderOf = openPlaceholders(Buffer.alloc(32, 7), 'holder');

const chat = (contents: readonly string[]): Buffer =>
  Buffer.from(JSON.stringify({ model: 'm', messages: contents.map((content) => ({ role: 'user', content })) }));

function mask(bytes: Buffer): MaskedRequest {
  const outcome = maskRequest({ operation: 'chat', bytes, plan, placeholderOf });
  must(outcome.kind === 'next', 'nothing is refused here');
  return outcome.found;
}

const sentMessages = z.object({ messages: z.array(z.object({ content: z.string() })) });
const sentCalls = z.object({
  messages: z.array(z.object({ tool_calls: z.array(z.object({ function: z.object({ arguments: z.string() }) })) })),
});
const contentsOf = (body: Buffer): readonly string[] =>
  sentMessages.parse(JSON.parse(body.toString())).messages.map(({ content }) => content);

/** The same JSON, each sign and digit of its strings as an escape. */
const inEscapes = (json: string): string =>
  json.replaceAll(/"(?:[^"\\]|\\.)*"/g, (literal) =>
    literal.includes('\\')
      ? literal
      : literal.replaceAll(/[@\d]/g, (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );

/** A number that was hidden comes back as a text. */
const asText = (unknown: unknown): string =>
  JSON.stringify(unknown, (_, member: unknown) => (typeof member === 'number' ? String(member) : member));

const words = fc.constantFrom(
  'hello ',
  ' and ',
  '. ',
  ', ',
  '\n',
  ' "',
  '" ',
  '{',
  '}',
  '[',
  ']',
  ' PII_',
  'PII_EMAIL_',
  '\\',
  'é',
  '\u{1f600}',
  'P',
  ' call ',
);
const text = fc.array(fc.oneof(words, fc.constantFrom(...namedValues)), { maxLength: 8 }).map((parts) => parts.join(''));
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });

describe('a masked request', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (contents) => {
        const masked = mask(chat(contents));
        const restorer = openRestorer(masked.placeholders);
        expect(contentsOf(masked.body).map((content) => restorer.open((value) => value).end(content))).toEqual(contents);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the text of JSON a JSON of the same shape, in which the same comes back', () => {
    const value = fc.jsonValue({ stringUnit: fc.oneof(fc.constantFrom(...namedValues), fc.constantFrom('a', '"', '\\', '\n', ' ', 'é')) });
    fc.assert(
      fc.property(value, fc.boolean(), (each, isEscaped) => {
        const plainJson = JSON.stringify({ data: each });
        const json = isEscaped ? inEscapes(plainJson) : plainJson;
        const call = {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'x', arguments: json } }],
        };
        const masked = mask(Buffer.from(JSON.stringify({ model: 'm', messages: [call] })));
        const args = sentCalls.parse(JSON.parse(masked.body.toString())).messages[0]?.tool_calls[0]?.function.arguments ?? '';
        const restorer = openRestorer(masked.placeholders);
        const restored = restorer.open((found) => JSON.stringify(found).slice(1, -1)).end(args);
        expect(asText(JSON.parse(restored))).toBe(asText(JSON.parse(json)));
      }),
      { numRuns: 500 },
    );
  });
});

const answerRule = (): MaskingRule => ({
  request: undefined,
  response: {
    actions: new Map([...PERSONAL_ENTITIES, ...SECRET_ENTITIES].map((entity) => [entity, 'redact'])),
    pass: [],
    trustedHosts: [],
  },
});
const answerPlan = planFor(maskingOf(answerRule())).response;

/** Pairs of surrogates, and halves that stay alone. */
const spokenText = fc
  .array(fc.oneof(words, fc.constantFrom(...namedValues), fc.constantFrom('\ud83d', '\ude00', '\u{1f600}')), { maxLength: 8 })
  .map((parts) => parts.join(''));
const jsonText = fc.record({ to: spokenText, note: text }).map((each) => JSON.stringify(each));
const answers = fc.record({ texts: fc.tuple(spokenText, text), calls: fc.tuple(jsonText, jsonText) });

/** The bytes in pieces of these sizes, again and again. */
function inPieces(bytes: Buffer, pieceSizes: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = pieceSizes[index % pieceSizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function throughStream(
  subject: ConstructorParameters<typeof MaskedStream>[1],
  operation: (typeof STREAMING)[number],
  pieces: readonly Buffer[],
): string {
  const stream = new MaskedStream(operation, subject);
  return Buffer.concat([...pieces.map((piece) => stream.push(piece)), stream.end()]).toString();
}

const framings: readonly ((events: readonly string[]) => string)[] = [
  (events) => events.join(''),
  (events) => events.join('').replaceAll('\n', '\r\n'),
  (events) => events.map((event) => `: a comment\nid: 7\n${event}`).join(''),
];

describe.each(STREAMING)('a stream of %s', (operation) => {
  it('says of each text what the whole text says, however it is cut', () => {
    fc.assert(
      fc.property(answers, sizes, sizes, fc.constantFrom(...framings), (asked, textSizes, byteSizes, frame) => {
        const subject = { plan: answerPlan, placeholders: new Map<string, string>(), said: new Set<string>() };
        const bytes = Buffer.from(frame(madeStream(operation, asked, textSizes)));
        const read = readStream(operation, throughStream(subject, operation, inPieces(bytes, byteSizes)));
        const whole = openAnswerFilters(subject);
        const expected = expectedOf(
          asked,
          operation,
          (each) => whole.either().end(each),
          (each) => whole.json().end(each),
        );
        expect(withoutEmpty(Object.fromEntries(read.deltas))).toEqual(expected);
        expect(read.error).toBeUndefined();
        for (const each of read.wholes) {
          expect(['', ...Object.values(expected)]).toContain(each);
        }
      }),
      { numRuns: 250 },
    );
  });

  it('brings back what the request hid', () => {
    fc.assert(
      fc.property(answers, sizes, sizes, (asked, textSizes, byteSizes) => {
        const masked = mask(chat([...asked.texts, ...asked.calls]));
        const [first = '', second = '', third = '', fourth = ''] = contentsOf(masked.body);
        const said: AnswerTexts = { texts: [first, second], calls: [third, fourth] };
        const subject = { plan: undefined, placeholders: masked.placeholders, said: new Set<string>() };
        const bytes = Buffer.from(madeStream(operation, said, textSizes).join(''));
        const read = readStream(operation, throughStream(subject, operation, inPieces(bytes, byteSizes)));
        expect(withoutEmpty(Object.fromEntries(read.deltas))).toEqual(
          expectedOf(
            asked,
            operation,
            (each) => each,
            (each) => each,
          ),
        );
      }),
      { numRuns: 250 },
    );
  });
});

/** What a client reads; no entry for what has no piece. Completions have no calls. */
function expectedOf(
  { texts, calls }: AnswerTexts,
  operation: (typeof STREAMING)[number],
  ofText: (text: string) => string,
  ofCall: (text: string) => string,
): Record<string, string> {
  const all = [
    ...texts.map((each, index): [string, string] => [`text ${String(index)}`, ofText(each)]),
    ...(operation === 'completions' ? [] : calls.map((each, index): [string, string] => [`call ${String(index)}`, ofCall(each)])),
  ];
  return withoutEmpty(Object.fromEntries(all));
}

/** A text without a character may have no piece. */
const withoutEmpty = (texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).filter(([, each]) => each !== ''));
