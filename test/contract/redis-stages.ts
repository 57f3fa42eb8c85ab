import { afterAll, beforeAll, describe } from 'vitest';
import { startCluster, startRedis, type RedisServer } from '../support/redis.ts';

const clusterUrl = (servers: readonly RedisServer[]): string =>
  `redis-cluster://${servers.map(({ port }) => `127.0.0.1:${String(port)}`).join(',')}`;

/** Runs a contract suite on one server and on a real cluster, both of which stay: `start` gets what is to be emptied before each test. */
export function onEachRedis(
  run: (name: string, start: () => { readonly servers: readonly RedisServer[]; readonly url: string }) => void,
): void {
  describe('on one server', () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedis();
    });
    afterAll(() => server.stop());
    run('Redis', () => ({ servers: [server], url: server.url }));
  });

  describe('Q11: on a real cluster of three nodes', () => {
    let servers: readonly RedisServer[];
    beforeAll(async () => {
      servers = await startCluster();
    });
    afterAll(async () => {
      await Promise.all(servers.map((server) => server.stop()));
    });
    run('Redis Cluster', () => ({ servers, url: clusterUrl(servers) }));
  });
}
