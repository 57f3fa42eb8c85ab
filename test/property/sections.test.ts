import fc from 'fast-check';
import { expect, it } from 'vitest';
import { detectorSet, type DetectorSet } from '../../src/policy/detect/detector-set.ts';
import { openSections, type Seen } from '../../src/policy/detect/sections.ts';
import { detectorsWith } from '../../src/policy/masking/detectors.ts';
import { redaction } from '../../src/policy/masking/placeholder.ts';
import { everyBuiltIn } from '../support/every-detector.ts';
import { namedValues } from '../support/pii-values.ts';

const patterns = new Map([
  ['employee', { regex: 'EMP-[0-9]{6}', longest: 10, context: undefined }],
  ['quoted', { regex: '"[a-z ]{1,8}"', longest: 10, context: undefined }],
  ['spaced', { regex: '[a-z]{3} ', longest: 4, context: ['phone'] }],
]);
const sets = {
  'built in': detectorSet(everyBuiltIn),
  "an operator's": detectorSet(detectorsWith({ patterns, names: ['Ann Lee'] }, [])),
};

const redacted = (set: DetectorSet, text: string, seen: Seen): string =>
  openSections({ set, context: '', seen })
    .end(text)
    .map((piece) => (piece.kind === 'region' ? redaction(piece.entity) : piece.text))
    .join('');

const words =
  'call |phone | |.|, |@|-|"|=|: |(|<|[|\\n|_|+|/|98765 43210 |123456789 |my name is Ann |ssn |passport |password: |hunter2trombone9 |EMP-|123456|%40|mailto:|x'.split(
    '|',
  );
const prose = fc.nat(60).map((count) => 'Prose of no value at all goes on. '.repeat(count));
const value = fc.constantFrom(...namedValues);
/** Some begin or end in the middle. */
const cutValue = fc.tuple(value, fc.nat(8), fc.nat(8)).map(([each, head, tail]) => each.slice(head, each.length - tail));
const text = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...words) }, { weight: 4, arbitrary: value }, cutValue, prose), { maxLength: 40 })
  .map((parts) => parts.join(''));

it.each(Object.entries(sets))(
  'a text that was looked through before is told where that may have changed as it is told as a whole, with what is %s',
  (_, set) => {
    fc.assert(
      fc.property(text, (each) => {
        const once = redacted(set, each, 'never');
        const whole = redacted(set, once, 'never');
        expect([redacted(set, once, 'in place'), redacted(set, once, 'rewritten')]).toEqual([whole, whole]);
      }),
      { numRuns: 300 },
    );
  },
);
