import { openRedisLedger } from '../../src/adapters/redis/ledger.ts';
import type { RedisServer } from '../support/redis.ts';
import { describeLedger } from './ledger.contract.ts';
import { onEachRedis } from './redis-stages.ts';
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

onEachRedis((name, start) => {
  describeLedger(name, () => {
    const { servers, url } = start();
    return freshLedger(servers, url);
  });
});
