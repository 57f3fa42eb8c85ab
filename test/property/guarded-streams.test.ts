import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuardVerdict } from '../../src/core/guard.ts';
import { clear, guardedStream, guardOf, type Guarded, type GuardedAnswer } from '../support/guarded.ts';
import { madeStream, STREAMING, type AnswerTexts, type StreamingOperation } from '../support/made-streams.ts';
import { readStream } from '../support/read-streams.ts';

const window = 64;

const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 });
const answers: fc.Arbitrary<AnswerTexts> = fc.record({ texts: fc.tuple(texts, texts), calls: fc.tuple(texts, texts) });
const sizes = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 4 });
/** Where the bytes of a stream are cut. */
const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 });

const bytesOf = (operation: StreamingOperation, answer: AnswerTexts, pieces: readonly number[]): Buffer =>
  Buffer.from(madeStream(operation, answer, pieces).join(''));

function* inPieces(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const length = lengths[index % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** What went out with each piece, and with the end, and how many questions there had been by then. */
async function sent(guarded: Guarded, bytes: Buffer, lengths: readonly number[]): Promise<readonly (readonly [string, number])[]> {
  const out: (readonly [string, number])[] = [];
  for (const piece of inPieces(bytes, lengths)) {
    out.push([await guarded.send(piece), guarded.asked.length]);
  }
  out.push([await guarded.end(), guarded.asked.length]);
  return out;
}

async function through(answer: GuardedAnswer, bytes: Buffer, lengths: readonly number[]): Promise<string> {
  const out = await sent(guardedStream(answer), bytes, lengths);
  return out.map(([written]) => written).join('');
}

/** The texts that clients see of a stream, whole ones and pieces put together. */
function shown(operation: StreamingOperation, written: string): readonly string[] {
  const { deltas, wholes } = readStream(operation, written);
  return [...deltas.values(), ...wholes].filter((text) => text !== '');
}

/** True where this text was in these questions: from its beginning, each with at least the window before its news, or all there was. */
function wasAsked(text: string, questions: readonly (readonly string[])[]): boolean {
  let known = 0;
  for (const question of questions) {
    const before = text.slice(Math.max(0, known - window), known);
    const reached = question.flatMap((each) => reachOf(text, each, known, before));
    known = Math.max(known, ...reached);
  }
  return known >= text.length;
}

/** Where a piece of a question ends in a text that it goes on with. */
function reachOf(text: string, piece: string, known: number, before: string): readonly number[] {
  for (let start = known - before.length; start >= Math.max(0, known - before.length - 1); start -= 1) {
    const length = Math.min(piece.length, text.length - start);
    if (start + length > known && text.startsWith(piece.slice(0, length), start)) {
      return [start + length];
    }
  }
  return [];
}

describe.each(STREAMING)('a stream of %s that is judged by windows', (operation) => {
  it('is the same as one that nobody judges, where all of it is clear', async () => {
    await fc.assert(
      fc.asyncProperty(answers, sizes, cuts, async (answer, pieces, lengths) => {
        const bytes = bytesOf(operation, answer, pieces);
        const unjudged = await through({ operation, guards: [] }, bytes, lengths);
        expect(await through({ operation, guards: [guardOf({ window })] }, bytes, lengths)).toBe(unjudged);
        expect(await through({ operation, guards: [guardOf('buffer')] }, bytes, lengths)).toBe(unjudged);
      }),
      { numRuns: 60 },
    );
  });

  it('shows of no text what was not in a question before, with what came before it', async () => {
    await fc.assert(
      fc.asyncProperty(answers, sizes, cuts, async (answer, pieces, lengths) => {
        const guarded = guardedStream({ operation, guards: [guardOf({ window })] });
        const out = await sent(guarded, bytesOf(operation, answer, pieces), lengths);
        let written = '';
        for (const [more, questions] of out) {
          written += more;
          if (more !== '') {
            for (const text of shown(operation, written)) {
              expect(wasAsked(text, guarded.asked.slice(0, questions))).toBe(true);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('shows nothing of what is flagged, wherever it stands and however it is cut', async () => {
    const harm = 'ω-harm-ω';
    const judge = (_: string, question: readonly string[]): GuardVerdict =>
      question.some((text) => text.includes(harm)) ? { kind: 'flagged', labels: [], score: undefined } : clear;
    await fc.assert(
      fc.asyncProperty(answers, sizes, cuts, fc.nat({ max: 400 }), async (answer, pieces, lengths, place) => {
        const [first, second] = answer.texts;
        const characters = Array.from(first);
        const harmful = { ...answer, texts: [characters.toSpliced(place % characters.length, 0, harm).join(''), second] } as const;
        const written = await through({ operation, guards: [guardOf({ window })], judge }, bytesOf(operation, harmful, pieces), lengths);
        const { error, deltas, wholes } = readStream(operation, written);
        expect(error).toMatch(/guard/);
        expect([...deltas.values(), ...wholes].some((text) => text.includes(harm))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('is asked about in questions that are together no longer than it is, and what came before them', async () => {
    await fc.assert(
      fc.asyncProperty(answers, sizes, cuts, async (answer, pieces, lengths) => {
        const guarded = guardedStream({ operation, guards: [guardOf({ window })] });
        const bytes = bytesOf(operation, answer, pieces);
        await sent(guarded, bytes, lengths);
        const asked = guarded.asked.flat().reduce((sum, text) => sum + text.length, 0);
        const pieced = guarded.asked.reduce((sum, question) => sum + question.length, 0);
        expect(guarded.asked.length).toBeLessThanOrEqual(1 + bytes.length / window);
        expect(asked).toBeLessThanOrEqual(bytes.length + pieced * (window + 1));
      }),
      { numRuns: 40 },
    );
  });
});
