import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDetection, detectWhole, type Piece } from '../../src/policy/detect/detection.ts';
import { detectorSet, type DetectorSet } from '../../src/policy/detect/detector-set.ts';
import type { PatternDetector } from '../../src/policy/detect/detector.ts';
import { piiDetectors } from '../../src/policy/pii/registry.ts';
import { block, chain, letters, named, word } from '../support/made-detectors.ts';
import { namedValues } from '../support/pii-values.ts';

/** The pieces with neighbouring texts joined: where a text is cut must not matter. */
function join(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text') {
      joined[joined.length - 1] = { kind: 'text', text: last.text + piece.text };
    } else {
      joined.push(piece);
    }
  }
  return joined;
}

function detectInChunks(chunks: readonly string[], set: DetectorSet): readonly Piece[] {
  const detection = openDetection(set);
  return join([...chunks.flatMap((chunk) => detection.push(chunk)), ...detection.end()]);
}

function wholePieces(text: string, set: DetectorSet): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { entity, rule, start, end } of detectWhole(text, set)) {
    pieces.push({ kind: 'text', text: text.slice(at, start) }, { kind: 'region', entity, rule, text: text.slice(start, end) });
    at = end;
  }
  return join([...pieces, { kind: 'text' as const, text: text.slice(at) }].filter((piece) => piece.text !== ''));
}

const inChunksOf = (text: string, size: number): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));

/** Cuts `text` into chunks of the given sizes, again and again; a size of 0 is an empty chunk. */
function cut(text: string, sizes: readonly number[]): readonly string[] {
  const chunks: string[] = [];
  let at = 0;
  for (let index = 0; at < text.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(text.slice(at, at + size));
    at += size;
  }
  return chunks;
}
const sizes = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 12 }).filter((list) => list.some((size) => size > 0));

function expectSame(text: string, set: DetectorSet, chunkSizes: readonly number[]): void {
  const whole = wholePieces(text, set);
  expect(detectInChunks(cut(text, chunkSizes), set)).toEqual(whole);
  expect(detectInChunks(inChunksOf(text, 1), set)).toEqual(whole);
}

describe('a stream is the whole text', () => {
  const made = detectorSet([letters, chain, named, block, word].map((detector, priority) => ({ detector, priority })));
  const unit = fc.constantFrom('a', 'b', 'c', 'x', '<', '>', ' ', '\u{1f600}', '\ud83d');

  it('for detectors with small limits', () => {
    const text = fc.oneof(
      fc.string({ unit, maxLength: 80 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 240, maxLength: 700 }),
      fc.string({ unit: fc.constantFrom('b', 'b', 'b', 'b', 'c', ' ', '\u{1f600}', 'xb'), minLength: 200, maxLength: 700 }),
    );
    fc.assert(
      fc.property(text, sizes, (each, chunkSizes) => {
        expectSame(each, made, chunkSizes);
      }),
      { numRuns: 1_500 },
    );
  });

  const pii = detectorSet(piiDetectors);
  const alphabet = [...new Set(namedValues.join(''))];
  const value = fc.constantFrom(...namedValues);
  const part = fc.oneof(
    value,
    fc.tuple(value, fc.nat({ max: 40 })).map(([each, length]) => each.slice(0, length)),
    fc.tuple(value, fc.nat({ max: 40 })).map(([each, length]) => each.slice(length)),
    fc.constantFrom(' ', '.', ',', '-', '"', ') ', '\\n', '\n', '/', ':', '@', '  ', 'order no. ', '1', '0', 'a', '\u{1f600}', 'é'),
    fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789 -.')), maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...Array.from('abcdef0123456789:.')), maxLength: 60 }),
    fc
      .constantFrom('a', '1', '1 ', 'a.', ':', '0x', '12:', 'é', '+1 ', '(12)')
      .chain((each) => fc.nat({ max: 90 }).map((times) => each.repeat(times))),
  );

  it('for all built-in detectors', () => {
    const text = fc.array(part, { maxLength: 14 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, sizes, (each, chunkSizes) => {
        expectSame(each, pii, chunkSizes);
      }),
      { numRuns: 1_500 },
    );
  });

  it.each(piiDetectors.map((each, index) => ({ name: `${each.detector.entity} (${String(index)})`, set: detectorSet([each]) })))(
    'for $name alone, in chunks of every size',
    ({ set }) => {
      for (const text of [
        namedValues.join(' '),
        namedValues.join(''),
        namedValues.join(', ').toLowerCase(),
        namedValues.toReversed().join('; '),
      ]) {
        const whole = wholePieces(text, set);
        for (let size = 1; size <= 70; size += size < 20 ? 1 : 7) {
          expect(detectInChunks(inChunksOf(text, size), set)).toEqual(whole);
        }
      }
    },
  );
});

/** What the contract says, start by start, without the engine. */
function isCovered(text: string, detectors: readonly PatternDetector[]): readonly boolean[] {
  const covered = Array.from({ length: text.length }, () => false);
  for (const detector of detectors) {
    const { pattern, lengthMax } = detector;
    const sticky = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}y`);
    for (let start = 0; start < text.length; start += 1) {
      sticky.lastIndex = start;
      const length = sticky.exec(text)?.[0].length ?? 0;
      if (length > 0 && length <= lengthMax && detector.judge(text, start, start + length)) {
        covered.fill(true, start, start + length);
      }
    }
  }
  return covered;
}

describe('the regions of a whole text', () => {
  it('cover what some match covers and nothing else', () => {
    const patterns = [letters, chain, named];
    const set = detectorSet(patterns.map((detector) => ({ detector, priority: 1 })));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'x', ' '), maxLength: 400 }), (text) => {
        const regions = detectWhole(text, set);
        const covered = Array.from({ length: text.length }, () => false);
        for (const { start, end } of regions) {
          covered.fill(true, start, end);
        }
        expect(covered).toEqual(isCovered(text, patterns));
        expect(regions.every(({ start, end }, index) => end > start && end - start <= 256 && start >= (regions[index - 1]?.end ?? 0))).toBe(
          true,
        );
      }),
    );
  });
});
