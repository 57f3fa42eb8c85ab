import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectWhole } from '../../src/policy/detect/detection.ts';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import type { PatternDetector } from '../../src/policy/detect/detector.ts';
import { piiDetectors } from '../../src/policy/pii/registry.ts';
import { block, chain, letters, named, word } from '../support/made-detectors.ts';
import { otherSigns, withSigns } from '../support/other-signs.ts';
import { namedValues } from '../support/pii-values.ts';
import { chunkSizes, detectInChunks, expectStreamIsWhole, inChunksOf, wholePieces } from '../support/stream-whole.ts';

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
      fc.property(text, chunkSizes, (each, sizes) => {
        expectStreamIsWhole(each, made, sizes);
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
    const plain = fc.array(part, { maxLength: 14 }).map((parts) => parts.join(''));
    const other = fc.tuple(plain, fc.constantFrom(...otherSigns)).map(([each, signs]) => withSigns(each, signs));
    const text = fc.oneof({ arbitrary: plain, weight: 3 }, { arbitrary: other, weight: 1 });
    fc.assert(
      fc.property(text, chunkSizes, (each, sizes) => {
        expectStreamIsWhole(each, pii, sizes);
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
