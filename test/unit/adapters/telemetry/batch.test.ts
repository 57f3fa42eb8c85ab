import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openBatch, type Batch } from '../../../../src/adapters/telemetry/batch.ts';

function open(): { readonly written: readonly string[]; readonly batch: Batch } {
  const written: string[] = [];
  return { written, batch: openBatch({ write: (text) => written.push(text) }) };
}

describe('openBatch', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('hands a line over after 200 ms at the latest, once', () => {
    const { written, batch } = open();
    batch.write('one\n');
    vi.advanceTimersByTime(150);
    batch.write('two\n');
    expect(written).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(written).toEqual(['one\ntwo\n']);
    vi.advanceTimersByTime(1_000);
    expect(written).toHaveLength(1);
  });

  it('hands over at once what fills a batch, and loses nothing', () => {
    const { written, batch } = open();
    const lines = Array.from({ length: 1_000 }, (_, index) => `${String(index).padStart(99, '-')}\n`);
    for (const line of lines) {
      batch.write(line);
    }
    expect(written.length).toBeGreaterThan(4);
    batch.flush();
    expect(written.join('')).toBe(lines.join(''));
  });

  it('makes late lines when it hands them over, in the order of all lines', () => {
    const { written, batch } = open();
    let made = 0;
    batch.write('one\n');
    batch.writeLater(() => `late ${String((made += 1))}\n`);
    batch.write('two\n');
    expect(made).toBe(0);
    vi.advanceTimersByTime(200);
    expect(written).toEqual(['one\nlate 1\ntwo\n']);
    batch.flush();
    expect(made).toBe(1);
  });

  it('writes nothing where nothing was collected', () => {
    const { written, batch } = open();
    batch.flush();
    batch.write('one\n');
    batch.flush();
    batch.flush();
    vi.advanceTimersByTime(1_000);
    expect(written).toEqual(['one\n']);
  });
});
