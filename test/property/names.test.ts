import fc from 'fast-check';
import { describe, it } from 'vitest';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { nameDetectors } from '../../src/policy/names/detectors.ts';
import { chunkSizes, expectStreamIsWhole } from '../support/stream-whole.ts';

describe('names', () => {
  it('are found in a stream as in the whole text', () => {
    const set = detectorSet(nameDetectors(['Ann Lee', 'Ann', "O'Neill", 'Ann Lee Smith', 'ß x', '\u{10428}a', 'Lee-Ann']));
    const part = fc.oneof(
      fc.constantFrom(
        'Ann',
        'ann',
        ' ',
        'Lee',
        ' Lee',
        'Smith',
        "o'neill",
        '-',
        "'",
        'Dear ',
        'my name is ',
        'Mr. ',
        ' van der ',
        'Berg',
        'x',
        '.',
        '\n',
      ),
      fc.string({ unit: fc.constantFrom('A', 'n', 'L', 'e', ' ', 'ß', 'İ', '\u{10428}', '\u{10400}', '\ud801', '1'), maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), chunkSizes, (parts, sizes) => {
        expectStreamIsWhole(parts.join(''), set, sizes);
      }),
      { numRuns: 3_000 },
    );
  });
});
