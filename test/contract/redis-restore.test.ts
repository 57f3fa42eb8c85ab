import { afterEach, beforeEach, expect, it } from 'vitest';
import { openJournal } from '../../src/adapters/journal/journal.ts';
import { openRedisLedger, type RedisLedger } from '../../src/adapters/redis/ledger.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openRecovery, type Recovery } from '../../src/pipeline/recovery.ts';
import type { Journal } from '../../src/ports/journal.ts';
import { acceptedNote, encodeNote, journalNote, parseReport, type Report } from '../../src/ports/recovery-notes.ts';
import { budget, concurrent, dayMs, holdOf, requests, tokens } from '../support/holds.ts';
import { startRedis, startReplica, type RedisServer } from '../support/redis.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';

const patient = { openWaitMs: 20_000, reserveWaitMs: 20_000, answerWaitMs: 20_000 };
const noticedMs = 20_000;
const counters = [requests('r', 100, dayMs), tokens('t', 1_000, dayMs), concurrent('c', 50), budget('b', 100_000)];
const held = { requests: 1, tokens: 20, nanoUsd: 300 };
const settled = { requests: 1, tokens: 7, nanoUsd: 70 };

let primary: RedisServer;
let replica: RedisServer;
let proxy: TcpProxy;
let directory: TempDir;
let processes: { readonly ledger: RedisLedger; readonly journal: Journal; readonly recovery: Recovery; readonly reports: Report[] }[];

const startProcess = async (name: string): Promise<void> => {
  const journal = openJournal({ path: directory.file(name), clock: systemClock });
  const ledger = await openRedisLedger({ ...patient, url: `redis://127.0.0.1:${String(proxy.port)}` });
  const reports: Report[] = [];
  const recovery = openRecovery({ ledger, journal, name, tell: (step) => step.kind === 'restored' && reports.push(step.report) });
  processes.push({ ledger, journal, recovery, reports });
};
const hold = async ({ ledger, journal }: (typeof processes)[number]): Promise<string> => {
  const request = holdOf(counters, { amounts: held });
  const answer = await ledger.reserve(request);
  if (answer.kind === 'granted') {
    await journal.held({ ...request, atMs: answer.atMs });
  }
  expect(answer.kind).toBe('granted');
  return request.id;
};
const settle = async ({ ledger, journal }: (typeof processes)[number], id: string): Promise<void> => {
  journal.ended(id, settled);
  expect(await ledger.settle(id, settled)).toBe('settled');
  journal.acknowledged(id);
};

beforeEach(async () => {
  directory = makeTempDir();
  processes = [];
  primary = await startRedis();
  proxy = await startTcpProxy(primary.port);
  await startProcess('one');
  await startProcess('two');
});
afterEach(async () => {
  for (const { recovery, ledger, journal } of processes) {
    await recovery.close();
    await ledger.close();
    journal.close();
  }
  await proxy.stop();
  await Promise.all([primary.stop(), replica.stop()]);
  directory.remove();
});

it('I3: a replica that was promoted without the last writes admits nothing, is told exactly those, and goes on at the operator’s word', async () => {
  const [one, two] = processes;
  if (one === undefined || two === undefined) {
    throw new Error('two processes were started');
  }
  const before = one.ledger.known();
  // The replica gets: two that are settled, two that are open.
  const [openBefore] = await Promise.all([hold(one), hold(two)]);
  await settle(one, await hold(one));
  await settle(two, await hold(two));
  replica = await startReplica(primary);
  await replica.command('REPLICAOF', 'NO', 'ONE');
  // And never gets: a settlement, two that were settled, one that is open.
  await settle(one, openBefore);
  await settle(one, await hold(one));
  await settle(two, await hold(two));
  await hold(two);
  const truth = (await one.ledger.usage(counters)).map(({ used }) => used);
  expect(truth).toEqual([7, 5 * 7 + 2 * 20, 2, 5 * 70 + 2 * 300]);

  proxy.retarget(replica.port);
  proxy.cut();
  await until(() => one.reports.length === 1 && two.reports.length === 1, { deadlineMs: noticedMs, what: 'both journals to speak' });
  for (const { ledger } of processes) {
    expect(ledger.change()).toMatchObject({ kind: 'server', before });
    await expect(ledger.reserve(holdOf(counters))).rejects.toMatchObject({ code: 'refused' });
  }
  // One and two were lost. What was admitted in the last millisecond that the replica knows is told too: its ids are known there.
  expect(one.reports[0]?.holds).toBe(1);
  expect(two.reports[0]?.holds).toBeLessThanOrEqual(3);
  expect([one.reports[0]?.coversFromMs, two.reports[0]?.coversFromMs]).toEqual([0, 0]);

  // Whoever comes anew, without a journal, does not take it for the store it was either.
  const operator = await openRedisLedger({ ...patient, url: replica.url });
  await expect(operator.reserve(holdOf(counters))).rejects.toMatchObject({ code: 'refused' });
  const { now, notes } = await operator.look();
  expect(parseReport(notes.get(journalNote(one.journal.id)))?.before).toEqual(before);
  const next = await operator.begin(now);
  const accepted = { store: next, succeeds: [before], sinceMs: one.reports[0]?.sinceMs ?? 0, reason: 'a test', atMs: Date.now() };
  await operator.note(acceptedNote, encodeNote(accepted));
  await operator.close();
  await until(() => processes.every(({ recovery }) => !recovery.isLost()), { deadlineMs: noticedMs, what: 'both to go on' });
  expect((await one.ledger.usage(counters)).map(({ used }) => used)).toEqual(truth);
  await hold(one);
  // The old primary is no store that anybody goes back to.
  proxy.retarget(primary.port);
  proxy.cut();
  await until(() => processes.every(({ recovery }) => recovery.isLost()), { deadlineMs: noticedMs, what: 'the old primary to be refused' });
});
