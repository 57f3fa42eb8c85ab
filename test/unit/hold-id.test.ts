import { describe, expect, it } from 'vitest';
import { newHoldId } from '../../src/hold-id.ts';

describe('the id of a hold', () => {
  it('is 128 bits, no two alike, in the order of their time', () => {
    const times = [0, 1, 15, 16, 1_795_262_400_777, 1_795_262_400_778, 2 ** 48 - 1];
    const ids = times.map((atMs) => newHoldId(() => atMs));
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
    expect(new Set(Array.from({ length: 1_000 }, () => newHoldId(() => 5))).size).toBe(1_000);
  });

  it('has chance in each of its last twenty digits', () => {
    const ids = Array.from({ length: 500 }, () => newHoldId(() => 5));
    for (let place = 12; place < 32; place += 1) {
      expect(new Set(ids.map((id) => id[place])).size).toBe(16);
    }
  });
});
