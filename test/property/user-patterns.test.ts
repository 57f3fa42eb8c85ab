import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUserPattern } from '../../src/core/pattern/user-pattern.ts';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { patternDetectors } from '../../src/policy/detect/user-patterns.ts';
import { piiDetectors } from '../../src/policy/pii/registry.ts';
import { chunkSizes, expectStreamIsWhole } from '../support/stream-whole.ts';

/** Patterns of every kind of syntax, over a small alphabet, so that random texts have matches and near matches. */
const { pattern } = fc.letrec<{ one: string; part: string; row: string; pattern: string }>((tie) => ({
  one: fc.constantFrom(
    'a',
    'b',
    '-',
    'x',
    String.raw`\d`,
    String.raw`\w`,
    '[a-c]',
    '[^a]',
    '.',
    '\u{1f600}',
    String.raw`\D`,
    String.raw`[\d-]`,
  ),
  part: fc.oneof(
    { depthSize: 'small' },
    tie('one'),
    tie('one').map((one) => `${one}?`),
    fc
      .tuple(tie('one'), fc.nat({ max: 2 }), fc.nat({ max: 4 }))
      .map(([one, min, more]) => `${one}{${String(min)},${String(min + more + 1)}}`),
    fc.constantFrom(String.raw`\b`, String.raw`\B`),
    tie('pattern').map((inner) => `(${inner})`),
    fc.tuple(tie('pattern'), fc.integer({ min: 1, max: 3 })).map(([inner, max]) => `(?:${inner}){0,${String(max)}}`),
  ),
  row: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  pattern: fc.oneof(
    { depthSize: 'small' },
    tie('row'),
    fc.tuple(tie('row'), tie('row')).map((rows) => rows.join('|')),
  ),
}));

const text = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', '-', 'x', '1', '2', ' ', '\u{1f600}', '\ud83d', '\ude00', '\n'),
  maxLength: 120,
});
const flags = fc.constantFrom('', '', '(?i)');

describe('patterns of operators', () => {
  it('find the same in a stream as in the whole text', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(flags, pattern), { minLength: 1, maxLength: 3 }), text, chunkSizes, (written, each, sizes) => {
        const readable = written
          .map(([flag, source]) => ({ regex: flag + source, longest: 64, context: undefined }))
          .filter((setting) => readUserPattern(setting).kind === 'pattern');
        const own = patternDetectors(new Map(readable.map((setting, index) => [`own-${String(index)}`, setting])));
        expectStreamIsWhole(each, detectorSet(own), sizes);
      }),
      { numRuns: 3_000 },
    );
  });

  it('find the same in a stream beside the built-in detectors, words before them included', () => {
    const settings = new Map([
      ['employee-id', { regex: 'EMP-[0-9]{6}', longest: 32, context: undefined }],
      ['case', { regex: String.raw`\b[A-Z]{2}-?\d{2,6}\b`, longest: 9, context: ['case', 'file no'] }],
      ['project', { regex: '(?i)project (?:alpha|beta) ?[0-9]{0,3}', longest: 20, context: undefined }],
    ]);
    const set = detectorSet([...piiDetectors, ...patternDetectors(settings)]);
    const part = fc.oneof(
      fc.constantFrom(
        'EMP-123456',
        'EMP-12',
        'case ',
        'file no ',
        'AB-1234',
        'DE12',
        'Project Alpha 12',
        'projec',
        'a@b.com',
        '4111 1111 1111 1111',
      ),
      fc.string({ unit: fc.constantFrom('E', 'M', 'P', '-', '1', '2', ' ', 'a', '@'), maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), chunkSizes, (parts, sizes) => {
        expectStreamIsWhole(parts.join(''), set, sizes);
      }),
      { numRuns: 600 },
    );
  });

  it('never read what has no end, and always say why not', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from(String.raw`ab1\d()[]{}?*+|^$.,-:<=!`)), maxLength: 24 }), (regex) => {
        const read = readUserPattern({ regex, longest: 256 });
        expect(read.kind === 'pattern' ? read.longest : read.reason.length).toBeGreaterThan(0);
      }),
      { numRuns: 5_000 },
    );
  });
});
