import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/core/assert.ts';
import { openStrippedStream } from '../../src/policy/llm/answer-stream.ts';
import type { BodyOperation } from '../../src/policy/llm/fields.ts';
import { meterWhole, openMeter } from '../../src/policy/llm/usage/meter.ts';
import type { MeterSubject, Metered } from '../../src/policy/llm/usage/metered.ts';
import { BlockSplitter } from '../../src/policy/llm/usage/sse-blocks.ts';
import { ANSWERS, stripEvent } from '../unit/policy/llm/usage/samples.ts';

const operations: readonly BodyOperation[] = ['chat', 'completions', 'embeddings', 'responses', 'messages', 'count_tokens'];
const cuts = fc.array(fc.nat(), { maxLength: 12 });

/** The bytes in pieces, some of them empty. */
function cutAt(bytes: Buffer, at: readonly number[]): readonly Buffer[] {
  const places = at.map((place) => place % (bytes.length + 1)).toSorted((left, right) => left - right);
  return [...places, bytes.length].map((place, index) => bytes.subarray(places[index - 1] ?? 0, place));
}

function meterCut(subject: MeterSubject, pieces: readonly Buffer[]): Metered {
  const meter = openMeter(subject);
  for (const piece of pieces) {
    meter.push(piece);
  }
  return meter.read(true);
}

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const line = fc.oneof(
  fc.constantFrom(
    '',
    'data: [DONE]',
    ': comment',
    'event: x',
    'data',
    'data: {"choices":[{}],"usage":null}',
    'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
    'data: {"choices":[{"delta":{"content":"h\u00e9"}}]}',
    'data: {"usage":null',
  ),
  fc.string({ maxLength: 8 }),
);
const stream = fc
  .array(fc.tuple(line, lineEnd, fc.boolean()), { maxLength: 12 })
  .map((lines) => Buffer.from(lines.map(([text, end, isBlank]) => `${text}${end}${isBlank ? end : ''}`).join('')));

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  fc
    .array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'u', '1', ' ', '"usage"', '"choices"', '\n', 'data: '), {
      maxLength: 40,
    })
    .map((parts) => Buffer.from(parts.join(''))),
  stream,
);

describe('metering', () => {
  it('gives the same for an answer however it is cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ANSWERS), fc.constantFrom('json' as const, 'events' as const), cuts, (answer, form, at) => {
        const subject = { operation: answer.operation, form, echoes: false };
        const bytes = Buffer.from(form === 'json' ? JSON.stringify(answer.whole) : answer.events.join(''));
        const metered = meterCut(subject, cutAt(bytes, at));
        expect(metered).toEqual(meterWhole(subject, bytes));
        expect(metered.usage).toMatchObject({ inputTokens: answer.tokens[0], outputTokens: answer.tokens[1] });
      }),
      { numRuns: 1_500 },
    );
  });

  it('gives the same for any bytes however they are cut, and never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...operations),
        fc.constantFrom('json' as const, 'events' as const),
        anyBytes,
        cuts,
        (operation, form, bytes, at) => {
          const subject = { operation, form, echoes: false };
          expect(meterCut(subject, cutAt(bytes, at))).toEqual(meterWhole(subject, bytes));
        },
      ),
      { numRuns: 4_000 },
    );
  });

  it('reads from any JSON what JSON.parse finds', () => {
    const usage = fc.record({
      prompt_tokens: fc.oneof(fc.nat(), fc.constant('x')),
      completion_tokens: fc.oneof(fc.nat(), fc.constant(-1)),
    });
    // Without backslashes, which JSON.parse, the judge here, misreads in names (see json-scan.test.ts).
    const rest = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })).filter((some) => !JSON.stringify(some).includes('\\'));
    fc.assert(
      fc.property(rest, usage, fc.nat(8), cuts, (some, figures, turn, at) => {
        const entries = Object.entries(some).filter(([name]) => name !== 'usage');
        const all = [...entries.slice(0, turn), ['usage', figures] as const, ...entries.slice(turn)];
        const bytes = Buffer.from(JSON.stringify(Object.fromEntries(all), undefined, 1));
        const metered = meterCut({ operation: 'chat', form: 'json', echoes: false }, cutAt(bytes, at));
        const { prompt_tokens: input, completion_tokens: output } = figures;
        const isGood = typeof input === 'number' && typeof output === 'number' && output >= 0;
        expect(metered.usage?.totalTokens).toBe(isGood ? input + output : undefined);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Events by the rules of the standard, over the whole stream at once. */
function blocksOf(text: string): readonly string[] {
  const lines = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/gu) ?? [];
  const blocks: string[] = [];
  let block = '';
  for (const each of lines) {
    block += each;
    if (/^[\r\n]/u.test(each)) {
      blocks.push(block);
      block = '';
    }
  }
  return block === '' ? blocks : [...blocks, block];
}

describe('splitting a stream', () => {
  it('finds the events of the standard, wherever it is cut', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, at) => {
        const found: string[] = [];
        const splitter = new BlockSplitter({
          onBlock: (block) => {
            found.push(block.toString('utf8'));
          },
          onOverlong: () => {
            must(false, 'no event is over the limit');
          },
          onLateFeed: (feed) => {
            found.push(`${found.pop() ?? ''}${feed.toString('utf8')}`);
          },
        });
        for (const piece of cutAt(bytes, at)) {
          splitter.push(piece);
        }
        splitter.end();
        expect(found).toEqual(blocksOf(bytes.toString('utf8')));
      }),
      { numRuns: 4_000 },
    );
  });
});

const strip = (pieces: readonly Buffer[]): string => {
  const open = openStrippedStream({ operation: 'chat', form: 'events', echoes: false });
  return [...pieces.map((piece) => open.push(piece)), open.end()].map((piece) => piece.toString('latin1')).join('');
};

describe('stripping usage', () => {
  it('gives the same bytes however a stream is cut: those of its events, each stripped', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, at) => {
        const stripped = blocksOf(bytes.toString('utf8')).map((block) => stripEvent(block).toString('latin1'));
        expect(strip(cutAt(bytes, at))).toBe(stripped.join(''));
      }),
      { numRuns: 4_000 },
    );
  });

  it('changes no byte of a stream without usage, and nothing twice', () => {
    fc.assert(
      fc.property(anyBytes, cuts, (bytes, at) => {
        fc.pre(!bytes.includes('"usage"'));
        expect(strip(cutAt(bytes, at))).toBe(bytes.toString('latin1'));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(stream, (bytes) => {
        const once = strip([bytes]);
        expect(strip([Buffer.from(once, 'latin1')])).toBe(once);
      }),
    );
  });
});
