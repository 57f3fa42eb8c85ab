import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRedisLedger, type RedisLedger } from '../../src/adapters/redis/ledger.ts';
import { booksOf, perClient } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import { freePort } from '../support/free-port.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/wait.ts';

const ask = { model: 'large', messages: [{ role: 'user' as const, content: 'hello' }] };
const patientMs = 20_000;
/** Well before a lease has run out. */
const settledMs = 15_000;

let redis: RedisServer;
let proxy: TcpProxy;
let door: Door;
let ledger: RedisLedger;

beforeAll(async () => {
  redis = await startRedis();
  proxy = await startTcpProxy(redis.port);
  door = await openDoor({
    settings: (settings) => {
      settings.ledger = { url: `redis://127.0.0.1:${String(proxy.port)}` };
      settings.models['large'] = { targets: [{ provider: 'alpha', model: 'alpha-large' }], output: { default: 50 } };
      settings.limits = { perClient: { requests: '50/h', tokens: '1M/h' } };
    },
  });
  ledger = await openRedisLedger({ url: redis.url, domain: 'default', reserveWaitMs: patientMs, answerWaitMs: patientMs });
});
afterAll(async () => {
  await ledger.close();
  await door[Symbol.asyncDispose]();
  await proxy.stop();
  await redis.stop();
});

/** Bytes of all journals. */
const journalLength = (): number =>
  readdirSync(door.settings.journals).reduce((sum, name) => sum + statSync(join(door.settings.journals, name)).size, 0);

it('what an answer cost is charged truly, though the ledger was away when it ended and the process was killed before it was back', async () => {
  const books = booksOf(ledger);
  const { key } = await door.createKey({ client: 'killed-app' });
  const gate = Promise.withResolvers<undefined>();
  const undo = door.providers.alpha.behave({ kind: 'hang-before-headers', until: gate.promise });
  const asked = door.openai(key).chat.completions.create(ask);
  await until(async () => (await ledger.openHolds()) === 1, { deadlineMs: patientMs, what: 'the hold' });
  const held = await books.used(perClient('tokens', 'killed-app'));
  const before = journalLength();

  proxy.retarget(await freePort());
  proxy.cut();
  gate.resolve(undefined);
  const billed = (await asked).usage?.total_tokens;
  undo();
  expect(held).toBeGreaterThan(billed ?? held);
  // Within 10 ms of the end of the answer; what is killed before that is charged what was held.
  await until(() => journalLength() > before, { deadlineMs: patientMs, what: 'the end to be written down' });
  await Promise.all(door.sidecars.map((sidecar) => sidecar.stop('SIGKILL')));
  expect(await ledger.openHolds()).toBe(1);

  proxy.retarget(redis.port);
  const restartedAtMs = performance.now();
  await door.startSidecar(0);
  await until(async () => (await ledger.openHolds()) === 0, { deadlineMs: patientMs, what: 'the end to be told' });
  expect(performance.now() - restartedAtMs).toBeLessThan(settledMs);
  expect(await books.spentBy('killed-app')).toMatchObject({ requests: 1, tokens: billed });
  expect(await books.used(perClient('tokens', 'killed-app'))).toBe(billed);
});
