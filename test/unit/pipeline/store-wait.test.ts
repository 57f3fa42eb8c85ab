import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deny } from '../../../src/core/outcome.ts';
import type { Ports } from '../../../src/pipeline/ports.ts';
import { withStoreWait } from '../../../src/pipeline/exchange-ports.ts';
import { StoreWait } from '../../../src/pipeline/store-wait.ts';
import { StoreError } from '../../../src/ports/key-store.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const answeredAfter = <Answer>(ms: number, answer: Answer): Promise<Answer> =>
  new Promise((resolve) => {
    setTimeout(() => {
      resolve(answer);
    }, ms);
  });

const isTimeout = (error: unknown): boolean => error instanceof StoreError && error.code === 'timeout';

/** Whether a question that takes `ms` is answered. */
async function ask(wait: StoreWait, ms: number): Promise<'answered' | 'late'> {
  const asked = Promise.resolve(wait.for(answeredAfter(ms, 'answered' as const))).catch((error: unknown) => {
    expect(error).toSatisfy(isTimeout);
    return 'late' as const;
  });
  await vi.advanceTimersByTimeAsync(ms + 1);
  return asked;
}

describe('what one exchange waits for its stores', () => {
  it('is one deadline for all questions together', async () => {
    const wait = new StoreWait({ totalMs: 50 });
    expect(await ask(wait, 30)).toBe('answered');
    expect(await ask(wait, 15)).toBe('answered');
    expect(await ask(wait, 15)).toBe('late');
    expect(await ask(wait, 5)).toBe('late');
  });

  it('goes on from what an earlier stage has waited, in another process perhaps', async () => {
    const first = new StoreWait({ totalMs: 50 });
    expect(await ask(first, 30)).toBe('answered');
    const second = new StoreWait({ totalMs: 50 });
    second.add(first.waitedMs);
    expect(await ask(second, 25)).toBe('late');
    expect(await ask(new StoreWait({ totalMs: 50 }), 25)).toBe('answered');
  });

  it('is not spent on what is in memory, and what is there is answered when nothing is left', async () => {
    const wait = new StoreWait({ totalMs: 50 });
    wait.add(50);
    expect(wait.for('known')).toBe('known');
    expect(await ask(wait, 1)).toBe('late');
    expect(wait.for('known')).toBe('known');
  });

  it('passes on why a store gave no answer, and counts the time until then', async () => {
    const wait = new StoreWait({ totalMs: 50 });
    const failed = Promise.resolve(wait.for(answeredAfter(20, 0).then(() => Promise.reject(new StoreError('locked')))));
    const seen = expect(failed).rejects.toMatchObject({ code: 'locked' });
    await vi.advanceTimersByTimeAsync(20);
    await seen;
    expect(wait.waitedMs).toBeGreaterThanOrEqual(20);
    expect(await ask(wait, 35)).toBe('late');
  });
});

const slow = <Answer>(answer: Answer): Promise<Answer> => answeredAfter(20, answer);

function unused(): never {
  throw new Error('not a store');
}

it('everything that an exchange asks of stores is waited for out of the same time', async () => {
  const ports: Ports = {
    clock: Date.now,
    settings: unused,
    keys: { find: () => slow(undefined), blocks: () => slow([]) },
    approvals: { approvals: () => slow([]) },
    tokenKeys: { verify: unused, readiness: unused },
    credentials: { served: unused, reject: unused },
    judgeBody: unused,
    maskRequest: unused,
    maskAnswer: unused,
    inspectRequest: unused,
    inspectAnswer: unused,
    guards: { judge: unused, find: unused },
    tokens: { count: unused },
    seals: { seal: unused, open: unused },
    holds: { take: async (_, wait) => (await wait?.for(slow(0)), deny('credential_missing')) },
    calendar: unused,
  };
  const nothing = { requests: 0, tokens: 0, nanoUsd: 0 };
  const account = { team: '', client: '', key: '', user: '', model: '' };
  const questions: readonly ((asked: Ports) => unknown)[] = [
    (asked) => asked.keys.find('id'),
    (asked) => asked.keys.blocks(),
    (asked) => asked.approvals.approvals(),
    (asked) => asked.holds.take({ under: { limits: [], counters: [], account, days: [] }, amounts: nothing }),
  ];
  for (const question of questions) {
    const wait = new StoreWait({ totalMs: 50 });
    wait.add(10);
    const asked = withStoreWait(ports, wait);
    const once = Promise.resolve(question(asked));
    await vi.advanceTimersByTimeAsync(20);
    await once;
    expect(wait.waitedMs).toBeGreaterThanOrEqual(30);
    wait.add(15);
    const late = expect(question(asked)).rejects.toSatisfy(isTimeout);
    await vi.advanceTimersByTimeAsync(20);
    await late;
  }
});
