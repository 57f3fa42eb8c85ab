import fc from 'fast-check';
import { expect, it } from 'vitest';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { openSections } from '../../src/policy/detect/sections.ts';
import { detectorsWith } from '../../src/policy/masking/detectors.ts';
import { redaction } from '../../src/policy/masking/placeholder.ts';
import { namedValues } from '../support/pii-values.ts';

const pattern = { regex: 'EMP-[0-9]{6}', longest: 10, context: undefined };
const set = detectorSet(detectorsWith({ patterns: new Map([['employee', pattern]]), names: ['Ann Lee'] }, []));

const redacted = (text: string, isSeen: boolean): string =>
  openSections({ set, context: '', isSeen })
    .end(text)
    .map((piece) => (piece.kind === 'region' ? redaction(piece.entity) : piece.text))
    .join('');

const words =
  'call |phone | |.|, |@|-|98765 43210 |123456789 |my name is Ann |ssn |passport |password: |hunter2trombone9 |EMP-|123456|%40'.split('|');
const prose = fc.nat(60).map((count) => 'Prose of no value at all goes on. '.repeat(count));
const text = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...words, ...namedValues) }, prose), { maxLength: 40 })
  .map((parts) => parts.join(''));

it('a text that was looked through before is told near what was hidden as it is told as a whole', () => {
  fc.assert(
    fc.property(text, (each) => {
      const once = redacted(each, false);
      expect(redacted(once, true)).toBe(redacted(once, false));
    }),
    { numRuns: 300 },
  );
});
