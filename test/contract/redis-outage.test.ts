import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRedisLedger, type RedisLedger, type RedisLedgerOptions } from '../../src/adapters/redis/ledger.ts';
import { NOTHING } from '../../src/core/limit.ts';
import { Secret } from '../../src/core/secret.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import { amounts, budget, concurrent, dayMs, holdOf, requests, tokens } from '../support/holds.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/wait.ts';
import { askAll } from './ledger-stage.ts';

/** Far above the default, where it is not the deadline that a test is about. */
const patient = { openWaitMs: 20_000, reserveWaitMs: 20_000, answerWaitMs: 20_000 };
const hasty = { openWaitMs: 20_000 };
const recoveryMs = 5_000;

/** 50 ms for the store and 10 ms for the rest. */
const decisionMsMax = 60;
/** What a busy test machine may make of it, at worst. */
const busyMsMax = 500;
/** Far more than a hold may wait for. */
const heldMs = 400;

const counters = [requests('r', 100, dayMs), tokens('t', 1_000, dayMs), concurrent('c', 100), budget('b', 10_000)];
const held = { requests: 1, tokens: 10, nanoUsd: 100 };

const used = async (ledger: RedisLedger): Promise<readonly number[]> => (await ledger.usage(counters)).map((usage) => usage.used);

/** Asks this often, and says how each ended and how long it took, in milliseconds, the shortest first. */
async function timeRefusals(
  ledger: RedisLedger,
  count: number,
): Promise<{ readonly codes: ReadonlySet<string>; readonly tookMs: readonly number[] }> {
  const codes = new Set<string>();
  const tookMs = await askAll(count, async () => {
    const startedMs = performance.now();
    const error: unknown = await ledger.reserve(holdOf(counters, { amounts: held })).catch((reason: unknown) => reason);
    codes.add(error instanceof StoreError ? error.code : String(error));
    return performance.now() - startedMs;
  });
  return { codes, tookMs: tookMs.toSorted((left, right) => left - right) };
}

const expectSoon = (tookMs: readonly number[]): void => {
  expect(tookMs[Math.floor(tookMs.length / 2)]).toBeLessThan(decisionMsMax);
  expect(tookMs.at(-1)).toBeLessThan(busyMsMax);
};

/** The server knows the scripts by then: one that it does not know is sent in two steps. */
const warmUp = async (ledger: RedisLedger): Promise<void> => {
  const request = holdOf([]);
  await ledger.reserve(request);
  await ledger.settle(request.id, NOTHING);
};

describe('the Redis store', () => {
  let server: RedisServer;
  let opened: RedisLedger[];

  const open = async (options: Partial<RedisLedgerOptions> = patient): Promise<RedisLedger> => {
    const ledger = await openRedisLedger({ url: server.url, ...options });
    opened.push(ledger);
    return ledger;
  };
  beforeEach(async () => {
    server = await startRedis();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((ledger) => ledger.close()));
    await server.stop();
  });

  it('Q9: grants exactly k of one limit to four processes', async () => {
    const ledgers = await askAll(4, () => open());
    const limit = [requests('shared', 333, dayMs)];
    const answers = await Promise.all(ledgers.map((ledger) => askAll(500, () => ledger.reserve(holdOf(limit)))));
    expect(answers.flat().filter(({ kind }) => kind === 'granted')).toHaveLength(333);
    expect(answers.flat().filter(({ kind }) => kind === 'refused')).toHaveLength(4 * 500 - 333);
  });

  it('Q10: every key outlives what it counts, and none stays for ever but the name of the memory', async () => {
    const ledger = await open();
    const month = { id: '2026-11', fromMs: 0, toMs: Date.now() + 31 * dayMs };
    const wide = [requests('month', 9, 31 * dayMs), tokens('day', 99, dayMs), concurrent('c', 9), budget('b', 9_999, [month])];
    const [settled, , cancelled] = [holdOf(wide, { amounts: held }), holdOf(wide, { amounts: held }), holdOf(wide, { amounts: held })];
    for (const request of [settled, holdOf(wide, { amounts: held }), cancelled]) {
      expect(await ledger.reserve(request)).toMatchObject({ kind: 'granted' });
    }
    await ledger.settle(settled.id, held);
    await ledger.cancel(cancelled.id);
    await ledger.cancel('nobody');
    const keys = String(await server.command('KEYS', '*')).split(',');
    const ttls = new Map<string, number>();
    for (const key of keys) {
      ttls.set(key, Number(await server.command('PTTL', key)));
    }
    expect(keys.every((key) => key.startsWith('{q}:'))).toBe(true);
    expect([...ttls].filter(([, ttl]) => ttl <= 0).map(([key]) => key)).toEqual(['{q}:epoch']);
    expect(ttls.get('{q}:c:month')).toBeGreaterThan(31 * dayMs);
    expect(ttls.get('{q}:c:day')).toBeGreaterThan(dayMs);
    expect(ttls.get('{q}:c:b|2026-11')).toBeGreaterThan(31 * dayMs);
    for (const key of ['{q}:c:c', '{q}:due', '{q}:clock']) {
      expect(ttls.get(key)).toBeGreaterThan(365 * dayMs);
    }
    expect(ttls.get(`{q}:h:${settled.id}`)).toBeGreaterThan(600_000);
  });

  it('Q14: says within 60 ms that it is down, and never that a limit is reached', async () => {
    const ledger = await open(hasty);
    await server.kill();
    const { codes, tookMs } = await timeRefusals(ledger, 50);
    expect([...codes].every((code) => code === 'unreachable' || code === 'timeout')).toBe(true);
    expectSoon(tookMs);
    await until(() => !ledger.healthy(), { deadlineMs: 3_000, what: 'the ledger to be unhealthy' });
    expectSoon((await timeRefusals(ledger, 50)).tookMs);
    await expect(ledger.settle('any', NOTHING)).rejects.toThrow(StoreError);
  });

  it('Q14: says so too while the store hangs; what hung is charged once or not at all, and can be taken back', async () => {
    const ledger = await open(hasty);
    const later = await open();
    server.pause();
    const hung = Array.from({ length: 30 }, () => holdOf(counters, { amounts: held }));
    const startedMs = performance.now();
    const errors = await Promise.all(hung.map((request) => ledger.reserve(request).catch((reason: unknown) => reason)));
    expect(performance.now() - startedMs).toBeLessThan(busyMsMax);
    expect(errors.every((error) => error instanceof StoreError && error.code === 'timeout')).toBe(true);
    await until(() => !ledger.healthy(), { deadlineMs: 3_000, what: 'the ledger to be unhealthy' });
    server.resume();
    await until(() => ledger.healthy() && later.healthy(), { deadlineMs: recoveryMs, what: 'the ledger to be healthy again' });
    await Promise.all(hung.map(({ id }) => later.cancel(id)));
    expect(await used(later)).toEqual([0, 0, 0, 0]);
    expect(await later.openHolds()).toBe(0);
    // Whatever of them is still on its way is not granted any more.
    expect(await later.reserve(hung[0] ?? holdOf([]))).toEqual({ kind: 'ended' });
  });

  it('goes on by itself once the store is back', async () => {
    await server.stop();
    server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
    const ledger = await open();
    await ledger.reserve(holdOf(counters, { amounts: held }));
    const changed = new Promise((resolve) => ledger.onServerChange(resolve));
    await server.kill();
    await server.restart();
    await changed;
    const change = ledger.change();
    expect(change).toMatchObject({ kind: 'server' });
    expect(change?.now.epoch).toBe(change?.before.epoch);
    expect(change?.now.runId).not.toBe(change?.before.runId);
    await expect(ledger.reserve(holdOf(counters))).rejects.toMatchObject({ name: 'StoreError', code: 'refused' });
    expect(await used(ledger)).toEqual([1, 10, 1, 100]);
    await ledger.accept(change ?? never());
    expect(ledger.change()).toBeUndefined();
    expect(await ledger.reserve(holdOf(counters))).toMatchObject({ kind: 'granted' });
  });

  it('runs a script that the server has forgotten, once', async () => {
    const ledger = await open();
    const { id } = holdOf([]);
    expect(await ledger.reserve(holdOf(counters, { id, amounts: held }))).toMatchObject({ kind: 'granted' });
    await server.command('SCRIPT', 'FLUSH');
    expect(await ledger.settle(id, held)).toBe('settled');
    await server.command('SCRIPT', 'FLUSH');
    const answers = await askAll(20, () => ledger.reserve(holdOf(counters, { amounts: held })));
    expect(answers.every(({ kind }) => kind === 'granted')).toBe(true);
    expect(await used(ledger)).toEqual([21, 210, 20, 2_100]);
  });

  it('takes what it cannot read for no answer, and changes nothing', async () => {
    const ledger = await open();
    await server.command('SET', '{q}:c:t', 'xyz');
    await expect(ledger.reserve(holdOf(counters, { amounts: held }))).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
    expect(await ledger.openHolds()).toBe(0);
    expect(await ledger.usage([requests('r', 100, dayMs)])).toEqual([{ used: 0, pending: 0 }]);
  });

  it('is not opened where the server may drop what it counts', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const error: unknown = await open().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'StoreError', code: 'refused' });
    expect(inspect(error)).toContain('set "maxmemory-policy noeviction"');
  });

  it('refuses, and says why, once the server’s memory is full, and charges nothing', async () => {
    const ledger = await open();
    await server.command('CONFIG', 'SET', 'maxmemory', 1);
    await expect(ledger.reserve(holdOf(counters, { amounts: held }))).rejects.toMatchObject({ name: 'StoreError', code: 'refused' });
    await server.command('CONFIG', 'SET', 'maxmemory', 0);
    expect(await used(ledger)).toEqual([0, 0, 0, 0]);
  });

  it('is not opened where nobody answers', async () => {
    await server.kill();
    await expect(open({ openWaitMs: 100 })).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
  });

  describe('behind a password', () => {
    const password = `p-${randomUUID()}`;
    beforeEach(async () => {
      await server.command('CONFIG', 'SET', 'requirepass', password);
    });

    it('opens with it', async () => {
      const ledger = await open({ ...patient, password: new Secret(password) });
      expect(await ledger.reserve(holdOf(counters))).toMatchObject({ kind: 'granted' });
    });

    it.each([
      ['a wrong one', new Secret('wrong-password-of-the-test')],
      ['none', undefined],
    ])('says at once that it is not let in with %s, without telling which', async (_name, wrong) => {
      const startedMs = performance.now();
      const error: unknown = await open({ ...patient, ...(wrong !== undefined && { password: wrong }) }).catch((reason: unknown) => reason);
      expect(performance.now() - startedMs).toBeLessThan(5_000);
      expect(error).toMatchObject({ name: 'StoreError', code: 'refused' });
      expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('wrong-password');
    });
  });

  it('Q14: takes an answer that is here when its time is over, though the event loop was held and could not read it', async () => {
    const ledger = await open(hasty);
    await warmUp(ledger);
    const answer = ledger.reserve(holdOf(counters, { amounts: held }));
    // Asked in this turn, written in the next.
    await new Promise(setImmediate);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldMs);
    expect(await answer).toMatchObject({ kind: 'granted' });
  });

  describe('behind a network that fails', () => {
    let proxy: TcpProxy;
    beforeEach(async () => {
      proxy = await startTcpProxy(server.port);
    });
    afterEach(() => proxy.stop());
    const url = (): string => `redis://127.0.0.1:${String(proxy.port)}`;

    it('Q15: notices within 2 s that a connection leads nowhere, and finds another', async () => {
      const ledger = await open({ ...hasty, url: url() });
      proxy.hush();
      const startedMs = performance.now();
      await until(
        async () => {
          const error: unknown = await ledger.reserve(holdOf(counters)).catch((reason: unknown) => reason);
          return error instanceof StoreError && error.code === 'unreachable';
        },
        { deadlineMs: 10_000, what: 'the connection to be given up' },
      );
      expect(performance.now() - startedMs).toBeLessThan(2_000);
      proxy.pass();
      // Asked until it is answered: a connection that is being given up is there for a moment longer.
      await until(async () => (await ledger.openHolds().catch(() => undefined)) === 0, {
        deadlineMs: recoveryMs,
        what: 'another connection',
      });
      await until(() => ledger.healthy(), { deadlineMs: recoveryMs, what: 'the new connection to be looked at' });
    });

    it('Q15: notices it without being asked anything', async () => {
      const ledger = await open({ ...hasty, url: url() });
      expect(ledger.healthy()).toBe(true);
      proxy.hush();
      const startedMs = performance.now();
      await until(() => !ledger.healthy(), { deadlineMs: 10_000, what: 'the ledger to be unhealthy' });
      expect(performance.now() - startedMs).toBeLessThan(2_000 + busyMsMax);
    });

    it('Q16: charges once where the answer was lost and the question is repeated', async () => {
      const ledger = await open({ ...hasty, url: url() });
      const other = await open();
      await warmUp(other);
      const request = holdOf(counters, { amounts: held });
      proxy.dropReplies();
      await expect(ledger.reserve(request)).rejects.toMatchObject({ name: 'StoreError', code: 'timeout' });
      expect(await used(other)).toEqual([1, 10, 1, 100]);
      proxy.pass();
      proxy.cut();
      await until(() => ledger.healthy(), { deadlineMs: recoveryMs, what: 'another connection' });
      await until(
        () =>
          ledger.reserve(request).then(
            ({ kind }) => kind === 'granted',
            () => false,
          ),
        { deadlineMs: recoveryMs, what: 'an answer' },
      );
      expect(await used(other)).toEqual([1, 10, 1, 100]);

      proxy.dropReplies();
      const settled = { requests: 1, tokens: 7, nanoUsd: 70 };
      await expect(ledger.settle(request.id, settled)).rejects.toMatchObject({ name: 'StoreError', code: 'timeout' });
      expect(await used(other)).toEqual([1, 7, 0, 70]);
      expect(await other.settle(request.id, amounts({ tokens: 9_999 }))).toBe('ended');
      expect(await used(other)).toEqual([1, 7, 0, 70]);
    });

    it('does not know what became of a question whose connection was cut, and says so', async () => {
      const ledger = await open({ ...patient, url: url() });
      const other = await open();
      await warmUp(other);
      const request = holdOf(counters, { amounts: held });
      proxy.dropReplies();
      const asked = ledger.reserve(request).catch((reason: unknown) => reason);
      await until(async () => (await other.openHolds()) === 1, { deadlineMs: recoveryMs, what: 'the hold' });
      proxy.cut();
      expect(await asked).toMatchObject({ name: 'StoreError', code: 'timeout' });
      expect(await other.cancel(request.id)).toBe('settled');
    });
  });
});

function never(): never {
  throw new Error('the store has changed');
}
