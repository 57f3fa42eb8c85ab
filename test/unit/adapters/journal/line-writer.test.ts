import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLineWriter, type LineWriter } from '../../../../src/adapters/journal/line-writer.ts';
import type { Entry } from '../../../../src/adapters/journal/lines.ts';

const ack = (id: string): Entry => ({ what: 'acknowledged', id });
const lineOf = (id: string): string => `["a","${id}"]\n`;

describe('lines of a journal', () => {
  let appended: string[];
  let isFull: boolean;
  let writer: LineWriter;

  beforeEach(() => {
    vi.useFakeTimers();
    appended = [];
    isFull = false;
    writer = openLineWriter({
      append: (text) => {
        if (isFull) {
          throw new Error('no space');
        }
        appended.push(text);
      },
      close: () => {
        appended.push('closed');
      },
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('that nobody waits for are written within ten milliseconds, together', () => {
    writer.soon(ack('a'));
    vi.advanceTimersByTime(9);
    writer.soon(ack('b'));
    expect(appended).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(appended).toEqual([lineOf('a') + lineOf('b')]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('go along with one that is waited for, and nobody wakes up for them later', () => {
    writer.soon(ack('a'));
    writer.now([ack('b')]);
    expect(appended).toEqual([lineOf('a') + lineOf('b')]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are tried again after ten milliseconds where the disk was full for the one that is waited for', () => {
    writer.soon(ack('a'));
    isFull = true;
    expect(() => {
      writer.now([ack('b')]);
    }).toThrow('no space');
    isFull = false;
    vi.advanceTimersByTime(10);
    expect(appended).toEqual([lineOf('a')]);
  });

  it('are all written when it is closed', () => {
    writer.soon(ack('a'));
    writer.close();
    expect(appended).toEqual([lineOf('a'), 'closed']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
