import { afterAll, beforeAll, describe } from 'vitest';
import { openRedisLedger } from '../../src/adapters/redis/ledger.ts';
import { startCluster, startRedis, type RedisServer } from '../support/redis.ts';
import { describeLedger } from './ledger.contract.ts';
import type { LedgerUnderTest } from './ledger-stage.ts';

/** Far above the default: whether an answer is right must not hang on how busy the machine is. */
const waitMs = 20_000;

/** Time never goes back: what is put ahead of the server's clock is the time. */
const advanceText = `
local time, clock = redis.call('TIME'), redis.call('GET', KEYS[1])
local now = math.max(time[1] * 1000 + math.floor(time[2] / 1000), clock and struct.unpack('>d', clock) or 0)
redis.call('SET', KEYS[1], struct.pack('>d', now + ARGV[1]) .. (clock and string.sub(clock, 9) or ''))
`;

/** A fresh ledger on servers that stay: everything is dropped before each. */
async function freshLedger(servers: readonly RedisServer[], url: string): Promise<LedgerUnderTest> {
  const empty = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.command('FLUSHALL')));
  };
  await empty();
  const owner = await ownerOf(servers);
  return {
    open: () => openRedisLedger({ url, openWaitMs: waitMs, reserveWaitMs: waitMs, answerWaitMs: waitMs }),
    advance: async (ms) => {
      await owner.command('EVAL', advanceText, 1, '{q}:clock', ms);
    },
    loseMemory: empty,
    dispose: empty,
  };
}

/** The one that has the keys of the ledger; the others of a cluster refuse. */
async function ownerOf(servers: readonly RedisServer[]): Promise<RedisServer> {
  for (const server of servers) {
    try {
      await server.command('GET', '{q}:clock');
      return server;
    } catch {
      // Another node's slot.
    }
  }
  throw new Error('one of the servers has the keys of the ledger');
}

describe('on one server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  describeLedger('Redis', () => freshLedger([server], server.url));
});

describe('Q11: on a real cluster of three nodes', () => {
  let servers: readonly RedisServer[];
  beforeAll(async () => {
    servers = await startCluster();
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  describeLedger('Redis Cluster', () =>
    freshLedger(servers, `redis-cluster://${servers.map(({ port }) => `127.0.0.1:${String(port)}`).join(',')}`),
  );
});
