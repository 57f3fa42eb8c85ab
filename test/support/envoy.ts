import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { findEnvoyBinary } from '../../src/cli/demo/envoy-process.ts';
import { lastLines, startProcess, type Exit, type RunningProcess } from './process.ts';
import { until } from './wait.ts';

const readyDeadlineMs = 30_000;
const adminTimeoutMs = 10_000;
// Envoy keeps access log lines for ten seconds unless told otherwise.
const accessLogFlushMs = '20';

export interface EnvoyOptions {
  /** The bootstrap: a file, or text that is written to `envoy.yaml` in the base directory. */
  readonly config: { readonly path: string } | { readonly text: string };
  /** Where Envoy runs, so that relative paths in its configuration mean files here. */
  readonly baseDirectory: string;
  /** Written below the base directory before Envoy starts. */
  readonly files?: Readonly<Record<string, string>>;
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'off';
  readonly concurrency?: number;
  readonly extraArgs?: readonly string[];
  /** Milliseconds until admin `/ready` must have said LIVE. */
  readonly readyDeadlineMs?: number;
}

interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

export interface RunningEnvoy extends AsyncDisposable {
  readonly pid: number;
  /** `host:port`, or the path of a unix socket. */
  readonly admin: string;
  /** The bound port of each TCP listener as it was after the start, by listener name. */
  readonly ports: ReadonlyMap<string, number>;
  /** Throws when there is no such listener. */
  readonly port: (listener: string) => number;
  /** Asks again, for listeners that came or changed since. */
  readonly listeners: () => Promise<ReadonlyMap<string, number>>;
  readonly adminGet: (path: string) => Promise<AdminAnswer>;
  readonly adminPost: (path: string) => Promise<AdminAnswer>;
  /** A counter or gauge by its full name; 0 while Envoy does not know it yet. */
  readonly stat: (name: string) => Promise<number>;
  /** Envoy's own log, stdout and stderr. */
  readonly output: () => string;
  /** A file below the base directory; empty while there is none. */
  readonly accessLog: (file?: string) => string;
  readonly exited: Promise<Exit>;
  readonly signal: (signal: NodeJS.Signals) => boolean;
  readonly stop: () => Promise<void>;
}

/** Starts a real Envoy and waits until it is live. When it ends early or is not live in time, the error shows the end of its log. */
export async function startEnvoy(options: EnvoyOptions): Promise<RunningEnvoy> {
  const binary = findEnvoy();
  const base = resolve(options.baseDirectory);
  const configPath = writeFiles(options, base);
  const addressFile = join(base, `admin-address-${crypto.randomUUID().slice(0, 8)}`);
  const running = await startProcess(
    binary,
    [
      '--config-path',
      configPath,
      '--disable-hot-restart',
      '--concurrency',
      String(options.concurrency ?? 1),
      '--admin-address-path',
      addressFile,
      '--file-flush-interval-msec',
      accessLogFlushMs,
      '--log-level',
      options.logLevel ?? 'warning',
      ...(options.extraArgs ?? []),
    ],
    { cwd: base, name: 'envoy' },
  );
  try {
    const admin = await untilReady(running, base, addressFile, options.readyDeadlineMs ?? readyDeadlineMs);
    return await describe(running, base, admin);
  } catch (error) {
    await running.stop('SIGKILL');
    throw error;
  }
}

/** As the product finds it: `ENVOY_BIN`, then `envoy` on the path, then what set-up brought. Throws when there is none. */
export const findEnvoy = (env: NodeJS.ProcessEnv = process.env): string => findEnvoyBinary(env, resolve(import.meta.dirname, '../..'));

function writeFiles(options: EnvoyOptions, base: string): string {
  for (const [name, text] of Object.entries(options.files ?? {})) {
    const path = join(base, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  if ('path' in options.config) {
    return resolve(options.config.path);
  }
  const path = join(base, 'envoy.yaml');
  writeFileSync(path, options.config.text);
  return path;
}

async function untilReady(running: RunningProcess, base: string, addressFile: string, deadlineMs: number): Promise<string> {
  let last = 'no admin address yet';
  const ask = async (): Promise<string | undefined> => {
    if (running.exit() !== undefined) {
      throw new Error(`envoy ended before it was ready:\n${lastLines(running.output())}`);
    }
    const written = existsSync(addressFile) ? readFileSync(addressFile, 'utf8').trim() : '';
    if (written === '') {
      return undefined;
    }
    const admin = isTcp(written) ? written : resolve(base, written);
    const answer = await adminRequest(admin, 'GET', '/ready').catch((error: unknown) => ({ status: 0, body: String(error) }));
    last = `/ready: ${String(answer.status)} ${answer.body.trim()}`;
    return answer.status === 200 ? admin : undefined;
  };
  try {
    return await until(ask, { deadlineMs, what: 'envoy to be ready' });
  } catch (error) {
    throw running.exit() === undefined ? new Error(`${String(error)}; ${last}\n${lastLines(running.output())}`, { cause: error }) : error;
  }
}

async function describe(running: RunningProcess, base: string, admin: string): Promise<RunningEnvoy> {
  const adminGet = (path: string): Promise<AdminAnswer> => adminRequest(admin, 'GET', path);
  const listeners = async (): Promise<ReadonlyMap<string, number>> => listenerPorts((await adminGet('/listeners?format=json')).body);
  const ports = await listeners();
  const stop = async (): Promise<void> => {
    await running.stop();
  };
  return {
    pid: running.pid,
    admin,
    ports,
    port: (listener) => {
      const port = ports.get(listener);
      if (port === undefined) {
        throw new Error(`envoy has no TCP listener "${listener}"; it has: ${[...ports.keys()].join(', ')}`);
      }
      return port;
    },
    listeners,
    adminGet,
    adminPost: (path) => adminRequest(admin, 'POST', path),
    stat: async (name) => statValue((await adminGet(`/stats?filter=${encodeURIComponent(name.replaceAll(/\W/gu, '.'))}`)).body, name),
    output: running.output,
    accessLog: (file = 'access.log') => (existsSync(join(base, file)) ? readFileSync(join(base, file), 'utf8') : ''),
    exited: running.exited,
    signal: running.signal,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function statValue(stats: string, name: string): number {
  const line = stats.split('\n').find((candidate) => candidate.startsWith(`${name}: `));
  return line === undefined ? 0 : Number(line.slice(name.length + 2));
}

const listenersSchema = z.looseObject({
  listener_statuses: z
    .array(
      z.looseObject({
        name: z.string(),
        local_address: z.looseObject({ socket_address: z.looseObject({ port_value: z.number() }).optional() }),
      }),
    )
    .default([]),
});

function listenerPorts(body: string): ReadonlyMap<string, number> {
  const { listener_statuses: statuses } = listenersSchema.parse(JSON.parse(body));
  return new Map(
    statuses.flatMap(({ name, local_address: { socket_address: address } }) =>
      address === undefined ? [] : [[name, address.port_value] as const],
    ),
  );
}

const isTcp = (address: string): boolean => /^[^/]+:\d+$/u.test(address);

/** Asks an Envoy admin at `host:port` or at a unix socket. */
function adminRequest(admin: string, method: 'GET' | 'POST', path: string): Promise<AdminAnswer> {
  const place: RequestOptions = isTcp(admin)
    ? { host: admin.slice(0, admin.lastIndexOf(':')), port: Number(admin.slice(admin.lastIndexOf(':') + 1)) }
    : { socketPath: admin };
  return new Promise((done, fail) => {
    const call = request({ ...place, method, path, agent: false, headers: { host: 'admin' }, timeout: adminTimeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', fail);
      response.once('end', () => {
        done({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    call.once('timeout', () => call.destroy(new Error(`envoy admin did not answer ${path} in ${String(adminTimeoutMs)} ms`)));
    call.once('error', fail);
    call.end();
  });
}
