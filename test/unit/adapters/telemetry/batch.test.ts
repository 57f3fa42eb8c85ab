import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openBatch, type Batch } from '../../../../src/adapters/telemetry/batch.ts';

function open(itemsMax: number): { readonly handed: readonly (readonly number[])[]; readonly batch: Batch<number> } {
  const handed: (readonly number[])[] = [];
  return { handed, batch: openBatch<number>({ itemsMax, waitMsMax: 200 }, (items) => handed.push(items)) };
}

describe('openBatch', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('hands an item over when its time is up, once', () => {
    const { handed, batch } = open(10);
    batch.add(1);
    vi.advanceTimersByTime(150);
    batch.add(2);
    expect(handed).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(handed).toEqual([[1, 2]]);
    vi.advanceTimersByTime(1_000);
    expect(handed).toHaveLength(1);
  });

  it('hands over at once what fills a batch, in order, and loses nothing', () => {
    const { handed, batch } = open(10);
    const items = Array.from({ length: 25 }, (_, index) => index);
    for (const item of items) {
      batch.add(item);
    }
    expect(handed).toHaveLength(2);
    batch.flush();
    expect(handed.flat()).toEqual(items);
  });

  it('hands over nothing where nothing was collected', () => {
    const { handed, batch } = open(10);
    batch.flush();
    batch.add(1);
    batch.flush();
    batch.flush();
    vi.advanceTimersByTime(1_000);
    expect(handed).toEqual([[1]]);
  });

  it('goes on after a handler that threw', () => {
    const seen: number[] = [];
    const batch = openBatch<number>({ itemsMax: 1, waitMsMax: 200 }, ([item = 0]) => {
      if (item === 1) {
        throw new Error('no');
      }
      seen.push(item);
    });
    expect(() => {
      batch.add(1);
    }).toThrow('no');
    batch.add(2);
    expect(seen).toEqual([2]);
  });
});
