import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { everyDetector } from '../support/every-detector.ts';
import { textsOfForm } from '../support/matching-texts.ts';
import { chunkSizes, expectStreamIsWhole } from '../support/stream-whole.ts';

const before = fc.constantFrom('', ' ', '(', '"', 'password = ', 'my phone is ', 'api_key: "', 'card ', 'tax id no: ', 'passport ');
const behind = fc.constantFrom('', ' ', '.', ', x', ' and', '"', '\n', '/y', '@z', 'q');

const rows = everyDetector.flatMap((ranked, index) => {
  const { detector } = ranked;
  const pattern = detector.kind === 'pattern' && detector.pattern instanceof RegExp ? detector.pattern : undefined;
  const texts = pattern && textsOfForm(pattern);
  return texts === undefined ? [] : [{ name: `${detector.rule ?? detector.entity} (${String(index)})`, ranked, texts }];
});

/** Whatever its form allows, a separator here and none there: where the text may go on, the stream waits. */
describe('a detector finds the same of all that has its form, in a stream and in the whole', () => {
  it('most of them', () => {
    expect(rows.length).toBeGreaterThan(everyDetector.length - 20);
  });

  it.each(rows)('$name', ({ ranked, texts }) => {
    const set = detectorSet([ranked]);
    fc.assert(
      fc.property(fc.tuple(before, texts, behind), chunkSizes, (parts, sizes) => {
        expectStreamIsWhole(parts.join(''), set, sizes);
      }),
      { numRuns: 200 },
    );
  });
});
