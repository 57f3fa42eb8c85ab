import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCodeUnits } from '../../../../src/adapters/guards/code-points.ts';

const at = (start: number, end: number) => ({ entity: 'PERSON', start, end, score: 1 });
const texts = fc.string({ unit: fc.constantFrom('a', 'é', '中', '👩', '\u{10ffff}', '\ud83d', '\ude00', '\u200d'), maxLength: 40 });

describe('toCodeUnits', () => {
  it('finds what stands behind emoji', () => {
    expect(toCodeUnits('👋🏽 Ada', [at(3, 6)])).toEqual([{ ...at(5, 8) }]);
  });

  it('names the same characters as Python would, in any text', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat(), (text, left, right) => {
        const points = Array.from(text);
        fc.pre(points.length > 0);
        const start = left % points.length;
        const end = start + 1 + (right % (points.length - start));
        const [whole, part] = toCodeUnits(text, [at(0, points.length), at(start, end)]);
        expect(whole).toEqual(at(0, text.length));
        expect(text.slice(part?.start, part?.end)).toBe(points.slice(start, end).join(''));
      }),
    );
  });

  it.each([
    [0, 4],
    [3, 4],
    [4, 5],
    [1, 1],
    [2, 1],
    [0, Number.MAX_SAFE_INTEGER],
  ])('refuses %d to %d in a text of three characters', (start, end) => {
    expect(() => toCodeUnits('a👋b', [at(0, 1), at(start, end)])).toThrow('guard: bad_reply');
  });
});
