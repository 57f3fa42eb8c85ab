import { describe, expect, it } from 'vitest';
import { when } from '../../../src/core/eventually.ts';
import { andThen, deny, next, type Outcome } from '../../../src/core/outcome.ts';

const double = (value: number): number => value * 2;
const half = (value: number): Outcome<number> => (value % 2 === 0 ? next(value / 2) : deny('request_invalid', 'odd'));

const fail = (): never => {
  throw new Error('no');
};

describe('a value that may be there already', () => {
  it('is used at once where it is, and later where it is not', async () => {
    expect(when(2, double)).toBe(4);
    const later = when(Promise.resolve(2), double);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(4);
  });

  it('fails as it came: at once, or later', async () => {
    expect(() => when(1, fail)).toThrow('no');
    await expect(when(Promise.resolve(1), fail)).rejects.toThrow('no');
  });
});

describe('a step after another', () => {
  it('is taken only where the one before found something', async () => {
    expect(andThen(next(4), half)).toEqual(next(2));
    expect(andThen(deny('body_missing'), half)).toEqual(deny('body_missing'));
    expect(await andThen(Promise.resolve(next(3)), half)).toEqual(deny('request_invalid', 'odd'));
  });
});
