import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detector } from '../../src/policy/detect/detector.ts';
import { genericSecretDetectors, secretDetectors } from '../../src/policy/secrets/detectors.ts';
import { findAll } from '../quality/find-spans.ts';
import { contextTexts, prefixTexts, runTexts } from '../quality/secret-texts.ts';
import { openRandom } from '../simulation/random.ts';

/** Where the detector would hold back a text that goes on, looked for as a stream does: within its longest match alone. */
function openAt(detector: Detector, known: string): number {
  const window = (detector.kind === 'pattern' ? detector.lengthMax : detector.beginMax) + 1;
  const from = Math.max(0, known.length - window);
  const match = detector.open.exec(known.slice(from));
  return match === null ? known.length : from + match.index;
}

/** How much of what was found must still be held: of a run its beginning alone, as a state holds the rest. */
const heldUntil = (detector: Detector, start: number, end: number): number => (detector.kind === 'pattern' ? end : start + 1);

const seed = fc.integer({ min: 0, max: 2 ** 31 });

describe('what secrets hold back', () => {
  it.each([
    ['by prefix', prefixTexts],
    ['by context', contextTexts],
    ['of no bounded length', runTexts],
  ])('%s is never too little: at each place within a match, it is held from its start on', (_, textsOf) => {
    fc.assert(
      fc.property(seed, (number) => {
        for (const { text } of textsOf(openRandom(number), 12)) {
          for (const detector of [...secretDetectors, ...genericSecretDetectors]) {
            for (const { start, end } of findAll([detector], text)) {
              for (let known = start + 1; known <= heldUntil(detector, start, end); known += 1) {
                expect(openAt(detector, text.slice(0, known)), `${text} up to ${String(known)}`).toBeLessThanOrEqual(start);
              }
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('no match is longer than its detector says, none is found where its gate is shut', () => {
    fc.assert(
      fc.property(seed, (number) => {
        for (const { text } of prefixTexts(openRandom(number), 12)) {
          for (const detector of secretDetectors) {
            const ungated = findAll([{ ...detector, gate: undefined }], text);
            expect(ungated).toEqual(findAll([detector], text));
            expect(ungated.every(({ start, end }) => end - start <= detector.lengthMax)).toBe(true);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('a run is held back until its beginning is certain', () => {
    fc.assert(
      fc.property(seed, (number) => {
        for (const { text } of runTexts(openRandom(number), 4)) {
          for (const detector of secretDetectors) {
            const { index, 0: head } = (detector.kind === 'run' ? new RegExp(detector.begin.source).exec(text) : null) ?? {
              index: 0,
              0: '',
            };
            for (let known = 1; known <= head.length; known += 1) {
              expect(openAt(detector, text.slice(0, index + known))).toBeLessThanOrEqual(index);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
