import { describe, expect, it } from 'vitest';
import { openMemo } from '../../../src/core/memo.ts';

const make = (key: string): { readonly of: string } => ({ of: key });

describe('a memo', () => {
  it('makes what it is asked for once', () => {
    const memo = openMemo<{ readonly of: string }>(2);
    const made = memo.get('a', make);
    expect(made).toEqual({ of: 'a' });
    expect(memo.get('a', () => ({ of: 'another' }))).toBe(made);
  });

  it('never holds more than its limit, and starts anew', () => {
    const memo = openMemo<{ readonly of: string }>(2);
    const [a, b] = [memo.get('a', make), memo.get('b', make)];
    expect(memo.get('b', make)).toBe(b);
    memo.get('c', make);
    expect(memo.get('a', make)).not.toBe(a);
    expect(memo.get('a', make)).toEqual(a);
  });
});
