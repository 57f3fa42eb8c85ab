import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openGather } from '../../../src/core/gather.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How many were sent together, each time. */
function start() {
  const sent: number[] = [];
  let waiting = 0;
  const gather = openGather({
    send: () => {
      sent.push(waiting);
      waiting = 0;
    },
  });
  const add = (isHurried: boolean, count = 1): void => {
    for (let index = 0; index < count; index += 1) {
      waiting += 1;
      gather.add(isHurried);
    }
  };
  return {
    sent,
    add,
    answered: (count: number) => {
      gather.answered(count);
    },
    flush: () => {
      gather.flush();
    },
  };
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('what is asked of another thread or process', () => {
  it('goes at once where little is asked, and together where it is asked in one turn', async () => {
    const { sent, add } = start();
    add(true);
    await pass(0);
    expect(sent).toEqual([1]);
    await pass(5);
    add(true, 3);
    await pass(0);
    expect(sent).toEqual([1, 3]);
  });

  it('goes in company under load: what comes within two milliseconds of the last message', async () => {
    const { sent, add } = start();
    add(true);
    await pass(0);
    add(true);
    await pass(1);
    add(true, 2);
    add(false);
    expect(sent).toEqual([1]);
    await pass(1);
    expect(sent).toEqual([1, 4]);
  });

  it('goes at once where nobody else waits for an answer, however soon after another', async () => {
    const { sent, add, answered } = start();
    add(true);
    await pass(0);
    answered(1);
    add(true);
    await pass(0);
    expect(sent).toEqual([1, 1]);
    add(true);
    await pass(0);
    answered(1);
    expect(sent).toEqual([1, 1]);
    await pass(2);
    expect(sent).toEqual([1, 1, 1]);
  });

  it('waits no longer than ten milliseconds where nobody is in a hurry', async () => {
    const { sent, add } = start();
    add(false);
    await pass(9);
    add(false);
    expect(sent).toEqual([]);
    await pass(1);
    expect(sent).toEqual([2]);
  });

  it('goes along with what somebody waits for, and nobody wakes up for it later', async () => {
    const { sent, add } = start();
    add(false, 2);
    await pass(5);
    add(true);
    await pass(0);
    expect(sent).toEqual([3]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes along what was not in a hurry, and sends many of these without waiting', async () => {
    const { sent, add } = start();
    add(false, 2);
    add(true);
    await pass(0);
    expect(sent).toEqual([3]);
    await pass(5);
    add(false, 16);
    await pass(0);
    expect(sent).toEqual([3, 16]);
    await pass(30);
    expect(sent).toEqual([3, 16]);
  });

  it('goes once sixteen wait, however short they have waited, with all of that turn', async () => {
    const { sent, add } = start();
    add(true);
    await pass(0);
    add(true, 15);
    add(false);
    await pass(0);
    expect(sent).toEqual([1]);
    add(true, 3);
    await pass(0);
    expect(sent).toEqual([1, 19]);
    await pass(30);
    expect(sent).toEqual([1, 19]);
  });

  it('gathers again after sixteen have gone', async () => {
    const { sent, add } = start();
    add(true, 16);
    await pass(0);
    add(true, 2);
    await pass(1);
    expect(sent).toEqual([16]);
    await pass(1);
    expect(sent).toEqual([16, 2]);
  });

  it.each([true, false])('goes at once, and once, where it is told that no company will come (hurried: %s)', async (isHurried) => {
    const { sent, add, flush } = start();
    flush();
    expect(sent).toEqual([]);
    add(isHurried, 2);
    flush();
    expect(sent).toEqual([2]);
    await pass(30);
    expect(sent).toEqual([2]);
  });
});
