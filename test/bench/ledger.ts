import { DatabaseSync } from 'node:sqlite';
import { Redis } from 'ioredis';
import { openRedisLedger } from '../../src/adapters/redis/ledger.ts';
import { openSqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import { newHoldId } from '../../src/hold-id.ts';
import type { HoldRequest } from '../../src/core/ledger/hold.ts';
import type { Counter, Period } from '../../src/core/limit.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { RedisServer } from '../support/redis.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/**
 * Pairs of reserve and settle under limits at six levels, and beside them two increments of one number in the same store. Where few call, a
 * pair is mostly the wait of its settlement for company, which no request waits for.
 */
export interface LedgerRun {
  readonly suite: 'ledger-sqlite' | 'ledger-redis';
  readonly row: 'bare' | 'holds';
  readonly concurrency: number;
  readonly pairsPerSecond: number;
  /** Of a pair. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const CONCURRENCIES: readonly number[] = [1, 64, 256];
const keys = 10_000;
const waitMs = 10_000;
const limit = 1_000_000_000_000;

const day: Period = { id: '2026-11-21', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

/** One of ten thousand keys of a hundred teams, under limits of every kind. */
function holdOf(number: number): HoldRequest {
  const [key, team] = [String(number % keys), String(number % 100)];
  const counters: readonly Counter[] = [
    { kind: 'requests', key: 'requests|global', limit, windowMs: 60_000 },
    { kind: 'tokens', key: 'tokens|model', limit, windowMs: 3_600_000 },
    { kind: 'budget', key: `budget|team|${team}`, limit, periods: [day] },
    { kind: 'tokens', key: `tokens|client|${key}`, limit, windowMs: 3_600_000 },
    { kind: 'requests', key: `requests|key|${key}`, limit, windowMs: 60_000 },
    { kind: 'concurrent', key: `concurrent|key|${key}`, limit },
  ];
  return {
    id: newHoldId(Date.now),
    counters,
    amounts: { requests: 1, tokens: 1_000, nanoUsd: 5_000_000 },
    leaseMs: 30_000,
    account: { team, client: key, key, user: '', model: 'gpt-4o' },
    days: [day],
  };
}

const actual = { requests: 1, tokens: 400, nanoUsd: 2_000_000 };

async function pairOn(ledger: Ledger, number: number): Promise<void> {
  const hold = holdOf(number);
  const answer = await ledger.reserve(hold);
  if (answer.kind !== 'granted') {
    throw new Error(`a hold was ${answer.kind}`);
  }
  await ledger.settle(hold.id, actual);
}

type Pair = (number: number) => Promise<unknown>;

async function time(
  { suite, row }: Pick<LedgerRun, 'suite' | 'row'>,
  pair: Pair,
  concurrency: number,
  durationMs: number,
): Promise<LedgerRun> {
  const tookMs: number[] = [];
  let number = 0;
  const endMs = performance.now() + durationMs;
  const startedMs = performance.now();
  const work = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const beganMs = performance.now();
      number += 1;
      await pair(number);
      tookMs.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const sorted = tookMs.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return {
    suite,
    row,
    concurrency,
    pairsPerSecond: (tookMs.length * 1_000) / (performance.now() - startedMs),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

/** Each store at each concurrency, the bare pair and the holds one after the other. */
export async function measureLedgers(redis: RedisServer, durationMs: number): Promise<readonly LedgerRun[]> {
  await using stack = new AsyncDisposableStack();
  const directory = makeTempDir();
  stack.defer(() => {
    directory.remove();
  });
  const sqlite = await openSqliteLedger({ path: directory.file('ledger.db'), reserveWaitMs: waitMs, settleWaitMs: waitMs });
  stack.defer(() => sqlite.close());
  const remote = await openRedisLedger({ url: redis.url, domain: 'bench', reserveWaitMs: waitMs, answerWaitMs: waitMs });
  stack.defer(() => remote.close());
  const client = new Redis(redis.url);
  stack.defer(() => {
    client.disconnect();
  });
  const increment = bareStatement(directory.file('bare.db'), stack);
  const subjects: readonly (readonly [LedgerRun['suite'], LedgerRun['row'], Pair])[] = [
    ['ledger-sqlite', 'bare', () => Promise.resolve([increment(), increment()])],
    ['ledger-sqlite', 'holds', (number) => pairOn(sqlite, number)],
    ['ledger-redis', 'bare', async (number) => [await client.incr(`bare:${String(number % keys)}`), await client.incr('bare')]],
    ['ledger-redis', 'holds', (number) => pairOn(remote, number)],
  ];
  const runs: LedgerRun[] = [];
  for (const concurrency of CONCURRENCIES) {
    for (const [suite, row, pair] of subjects) {
      await time({ suite, row }, pair, concurrency, durationMs / 4);
      runs.push(await time({ suite, row }, pair, concurrency, durationMs));
    }
  }
  return runs;
}

/** One number, incremented in a transaction of its own, with the settings of the ledger's file. */
function bareStatement(path: string, stack: AsyncDisposableStack): () => unknown {
  const database = new DatabaseSync(path);
  stack.defer(() => {
    database.close();
  });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE bare (n INTEGER); INSERT INTO bare VALUES (0)');
  const statement = database.prepare('UPDATE bare SET n = n + 1');
  return () => statement.run();
}

export const ledgersText = (runs: readonly LedgerRun[]): string =>
  runs
    .map(
      ({ suite, row, concurrency, pairsPerSecond, p50Ms, p99Ms }) =>
        `${suite.padEnd(13)}  ${row.padEnd(5)}  c=${String(concurrency).padEnd(3)}  ${pairsPerSecond.toFixed(0).padStart(7)} pairs/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms\n`,
    )
    .join('');

/** At 64: so many pairs a second, or such a share of the bare pair's rate. */
const BARS = [
  { suite: 'ledger-redis', pairsMin: 20_000, shareMin: 0.35 },
  { suite: 'ledger-sqlite', pairsMin: 10_000, shareMin: 0.5 },
] as const;
const barConcurrency = 64;

export const ledgerBarsMissed = (runs: readonly LedgerRun[]): readonly string[] =>
  BARS.flatMap(({ suite, pairsMin, shareMin }) => {
    const rateOf = (row: LedgerRun['row']): number =>
      runs.find((run) => run.suite === suite && run.row === row && run.concurrency === barConcurrency)?.pairsPerSecond ?? 0;
    const [rate, bare] = [rateOf('holds'), rateOf('bare')];
    return rate >= pairsMin || rate >= shareMin * bare
      ? []
      : [
          `${suite}: ${rate.toFixed(0)} pairs/s at 64, bare ${bare.toFixed(0)}; the bar is ${String(pairsMin)} or ${String(shareMin)} of bare`,
        ];
  });
