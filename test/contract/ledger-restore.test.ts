import { openRedisLedger } from '../../src/adapters/redis/ledger.ts';
import { openSqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import type { RedisServer } from '../support/redis.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { removeStore, waits } from './ledger-files.ts';
import { onEachRedis } from './redis-stages.ts';
import { describeRestoring, type RestorableStore } from './ledger-restore.contract.ts';

const waitMs = 20_000;
const patient = { openWaitMs: waitMs, reserveWaitMs: waitMs, answerWaitMs: waitMs };

describeRestoring('a file', () => {
  const directory = makeTempDir();
  const path = directory.file('ledger.db');
  const open: RestorableStore['open'] = (known) => openSqliteLedger({ path, ...waits, ...(known !== undefined && { known }) });
  return Promise.resolve({
    open,
    loseMemory: async () => {
      removeStore(path);
      await (await open()).close();
    },
    dispose: () => {
      directory.remove();
      return Promise.resolve();
    },
  });
});

async function onServers(servers: readonly RedisServer[], url: string): Promise<RestorableStore> {
  const empty = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.command('FLUSHALL')));
  };
  await empty();
  return {
    open: (known) => openRedisLedger({ url, ...patient, ...(known !== undefined && { known }) }),
    loseMemory: empty,
    dispose: empty,
  };
}

onEachRedis((name, start) => {
  describeRestoring(name, () => {
    const { servers, url } = start();
    return onServers(servers, url);
  });
});
