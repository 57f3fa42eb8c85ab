import { connect } from 'node:net';
import { createServer as createTlsServer, type Server } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRedisLedger, type RedisLedger, type RedisLedgerOptions } from '../../src/adapters/redis/ledger.ts';
import type { ServerChange } from '../../src/adapters/redis/standing.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import { amounts, dayMs, holdOf, requests } from '../support/holds.ts';
import { makeCertificates } from '../support/certificates.ts';
import { join, startCluster, startNode, startRedis, startReplica, startSentinel, untilCopied, type RedisServer } from '../support/redis.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/wait.ts';

const patient = { openWaitMs: 20_000, reserveWaitMs: 20_000, answerWaitMs: 20_000 };
const changeMs = 20_000;
const limit = [requests('r', 3, dayMs)];
const refused = { name: 'StoreError', code: 'refused' };

const changeOf = (ledger: RedisLedger): Promise<ServerChange> =>
  until(() => ledger.change(), { deadlineMs: changeMs, what: 'the change to be noticed' });

describe('a Redis store that is not the one it was', () => {
  let servers: RedisServer[];
  let opened: RedisLedger[];

  const keep = <One extends RedisServer>(server: One): One => {
    servers.push(server);
    return server;
  };
  const open = async (options: Partial<RedisLedgerOptions> & { readonly url: string }): Promise<RedisLedger> => {
    const ledger = await openRedisLedger({ ...patient, ...options });
    opened.push(ledger);
    return ledger;
  };
  beforeEach(() => {
    servers = [];
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((ledger) => ledger.close()));
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('admits nothing from the moment its memory is gone, and tells so once', async () => {
    const server = keep(await startRedis());
    const ledger = await open({ url: server.url });
    const other = await open({ url: server.url });
    const told: ServerChange[] = [];
    ledger.onServerChange((change) => told.push(change));
    await ledger.reserve(holdOf(limit));
    await server.command('FLUSHALL');
    await expect(ledger.reserve(holdOf(limit))).rejects.toMatchObject(refused);
    const change = await changeOf(ledger);
    expect(change).toMatchObject({ kind: 'memory', now: { epoch: undefined } });
    await expect(ledger.reserve(holdOf(limit))).rejects.toMatchObject(refused);
    await expect(ledger.settle('any', amounts({}))).rejects.toMatchObject(refused);
    await expect(ledger.reap()).rejects.toMatchObject(refused);
    expect(ledger.healthy()).toBe(false);
    expect(await server.command('DBSIZE')).toBe(0);

    await ledger.accept(change);
    expect(await ledger.reserve(holdOf(limit))).toMatchObject({ kind: 'granted' });
    // What one has accepted, the others have not.
    await expect(other.reserve(holdOf(limit))).rejects.toMatchObject(refused);
    await other.accept(await changeOf(other));
    expect(other.known()).toEqual(ledger.known());
    expect(await other.reserve(holdOf(limit))).toMatchObject({ kind: 'granted' });
    expect(told).toEqual([change]);
  });

  it('is not made anew by who knew it before it was lost', async () => {
    const server = keep(await startRedis());
    const first = await open({ url: server.url });
    const known = first.known();
    await first.close();
    await server.kill();
    await server.restart();
    const again = await open({ url: server.url, known });
    expect(again.change()).toMatchObject({ kind: 'memory', before: known, now: { epoch: undefined } });
    await expect(again.reserve(holdOf(limit))).rejects.toMatchObject(refused);
    expect(await again.epoch()).toBeUndefined();
    await expect(again.reserve(holdOf(limit))).rejects.toMatchObject(refused);
    await again.accept(await changeOf(again));
    expect(await again.epoch()).not.toBe(known.epoch);
    expect(await again.reserve(holdOf(limit))).toMatchObject({ kind: 'granted' });
  });

  it('is not accepted where it has changed again', async () => {
    const server = keep(await startRedis());
    const ledger = await open({ url: server.url });
    await server.command('SET', '{q}:epoch', 'another-memory-of-the-test');
    await expect(ledger.reserve(holdOf(limit))).rejects.toMatchObject(refused);
    const change = await changeOf(ledger);
    await server.command('SET', '{q}:epoch', 'yet-another-memory-of-the-test');
    await expect(ledger.accept(change)).rejects.toMatchObject(refused);
    await expect(ledger.reserve(holdOf(limit))).rejects.toMatchObject(refused);
    await ledger.accept(await changeOf(ledger));
    expect(ledger.known().epoch).toBe('yet-another-memory-of-the-test');
  });

  it('is noticed by the very first question, where a replica was promoted behind the same address', async () => {
    const primary = keep(await startRedis());
    const ledgerUrl = primary.url;
    const proxy = await startTcpProxy(primary.port);
    try {
      const ledger = await open({ url: `redis://127.0.0.1:${String(proxy.port)}` });
      const direct = await open({ url: ledgerUrl });
      await ledger.reserve(holdOf(limit));
      const replica = keep(await startReplica(primary));
      // What the replica never gets.
      await replica.command('REPLICAOF', 'NO', 'ONE');
      await direct.reserve(holdOf(limit));
      await direct.reserve(holdOf(limit));
      proxy.retarget(replica.port);
      proxy.cut();
      const answers = await until(
        async () => {
          const error: unknown = await ledger.reserve(holdOf(limit)).catch((reason: unknown) => reason);
          expect(error).toBeInstanceOf(StoreError);
          return error instanceof StoreError && error.code === 'refused' && error;
        },
        { deadlineMs: changeMs, what: 'the replica to refuse' },
      );
      expect(inspect(answers)).toContain('another server');
      const change = await changeOf(ledger);
      expect(change).toMatchObject({ kind: 'server', before: { epoch: direct.known().epoch } });
      expect(await ledger.openHolds()).toBe(1);
      await ledger.accept(change);
      expect(await ledger.reserve(holdOf(limit))).toMatchObject({ kind: 'granted' });
    } finally {
      await proxy.stop();
    }
  });

  it('is found again after its sentinels have promoted a replica, with what it held, and waits to be accepted', async () => {
    const primary = keep(await startRedis());
    await startReplica(primary).then(keep);
    const sentinel = keep(await startSentinel(primary));
    const ledger = await open({ url: `redis-sentinel://127.0.0.1:${String(sentinel.port)}/main` });
    await ledger.reserve(holdOf(limit));
    await until(async () => /slaves=1/.test(String(await sentinel.command('INFO', 'sentinel'))), {
      deadlineMs: changeMs,
      what: 'the sentinel to know the replica',
    });
    await primary.kill();
    const change = await changeOf(ledger);
    expect(change.kind).toBe('server');
    await expect(ledger.reserve(holdOf(limit))).rejects.toMatchObject(refused);
    await ledger.accept(change);
    expect(ledger.healthy()).toBe(true);
    expect(await ledger.openHolds()).toBe(1);
    await ledger.reserve(holdOf(limit));
    await ledger.reserve(holdOf(limit));
    expect(await ledger.reserve(holdOf(limit))).toMatchObject({ kind: 'refused' });
  });

  describe('Q11: in a cluster', () => {
    const slot = 11_958;
    let nodes: readonly RedisServer[];
    let owner: RedisServer;
    let other: RedisServer;
    let ledger: RedisLedger;

    beforeEach(async () => {
      nodes = await startCluster();
      nodes.forEach(keep);
      expect(await nodes[0]?.command('CLUSTER', 'KEYSLOT', '{q}:epoch')).toBe(slot);
      [other, , owner] = [nodes[0] ?? missing(), nodes[1], nodes[2] ?? missing()];
      ledger = await open({ url: `redis-cluster://${nodes.map(({ port }) => `127.0.0.1:${String(port)}`).join(',')}` });
      expect(await ledger.reserve(holdOf(limit))).toMatchObject({ kind: 'granted' });
    });

    it('a slot that is on its way to another node grants nothing twice, and changes nothing', async () => {
      const hasty = await open({ url: `redis-cluster://127.0.0.1:${String(owner.port)}`, reserveWaitMs: 300 });
      const [from, to] = await Promise.all([owner, other].map(async (node) => String(await node.command('CLUSTER', 'MYID'))));
      await other.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from ?? '');
      await owner.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to ?? '');
      await expect(hasty.reserve(holdOf(limit))).rejects.toThrow(StoreError);
      await owner.command('CLUSTER', 'SETSLOT', slot, 'STABLE');
      await other.command('CLUSTER', 'SETSLOT', slot, 'STABLE');
      expect(await ledger.usage(limit)).toEqual([{ used: 1, pending: 0 }]);
      expect(await hasty.reserve(holdOf(limit))).toMatchObject({ kind: 'granted' });
    });

    it('a node that took over is not trusted before it is accepted', async () => {
      const replica = keep(await startNode());
      await join(replica, owner);
      const id = String(await owner.command('CLUSTER', 'MYID'));
      await until(async () => (await replica.command('CLUSTER', 'REPLICATE', id).catch(() => 'not yet')) === 'OK', {
        deadlineMs: changeMs,
        what: 'the replica to know its primary',
      });
      await untilCopied(replica);
      await until(async () => (await replica.command('CLUSTER', 'FAILOVER').catch(() => 'not yet')) === 'OK', {
        deadlineMs: changeMs,
        what: 'the replica to take over',
      });
      const change = await changeOf(ledger);
      expect(change.kind).toBe('server');
      await expect(ledger.reserve(holdOf(limit))).rejects.toMatchObject(refused);
      await ledger.accept(change);
      expect(await ledger.usage(limit)).toEqual([{ used: 1, pending: 0 }]);
      expect(await ledger.reserve(holdOf(limit))).toMatchObject({ kind: 'granted' });
    });
  });
});

describe('a Redis store over TLS', () => {
  let server: RedisServer;
  let door: Server;
  let port: number;
  const certificates = makeCertificates();

  beforeEach(async () => {
    server = await startRedis();
    const { server: own } = await certificates;
    door = createTlsServer({ cert: own.cert, key: own.key }, (socket) => {
      const upstream = connect(server.port, '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      for (const end of [socket, upstream]) {
        end.on('error', () => {
          socket.destroy();
          upstream.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => {
      door.listen(0, '127.0.0.1', resolve);
    });
    const address = door.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(async () => {
    door.close();
    await server.stop();
  });

  it('is opened where its certificate is of the authority that was named', async () => {
    const { ca } = await certificates;
    const ledger = await openRedisLedger({ ...patient, url: `rediss://127.0.0.1:${String(port)}`, ca: ca.cert });
    expect(await ledger.reserve(holdOf(limit))).toMatchObject({ kind: 'granted' });
    await ledger.close();
  });

  it.each([
    ['of another authority', async () => (await certificates).strangerCa.cert],
    ['of none that is known', () => Promise.resolve(undefined)],
  ])('is not opened where its certificate is %s', async (_name, authority) => {
    const ca = await authority();
    await expect(
      openRedisLedger({ ...patient, openWaitMs: 300, url: `rediss://127.0.0.1:${String(port)}`, ...(ca !== undefined && { ca }) }),
    ).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
  });
});

function missing(): never {
  throw new Error('the cluster has three nodes');
}
