import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { openKeyStore } from '../../src/adapters/sqlite/key-store.ts';
import { parseSettings } from '../../src/config/load.ts';
import type { SettingsInput } from '../../src/config/schema.ts';
import type { Settings } from '../../src/config/settings.ts';
import { renderStatic } from '../../src/envoy/render.ts';
import { composeVirtualKey, digestKey } from '../../src/policy/virtual-key.ts';
import { makeCertificates } from '../support/certificates.ts';
import { startEnvoy, type RunningEnvoy } from '../support/envoy.ts';
import { freePort } from '../support/free-port.ts';
import type { RedisServer } from '../support/redis.ts';
import { startProcess, type RunningProcess } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';
import { MODEL, PROVIDER_MODEL } from './chat.ts';

export type Row = 'envoy-alone' | 'noop' | 'scope' | 'limits' | 'limits-redis' | 'masking';
export type Chain = 'authz+proc' | 'proc';

/** One Envoy, and behind it nobody, the no-op sidecar or Sallyport. */
export interface Site extends AsyncDisposable {
  readonly row: Row;
  /** `none` where no sidecar is asked. */
  readonly chain: Chain | 'none';
  readonly url: string;
  /** What a client sends as its bearer token. */
  readonly key: string;
  readonly directory: TempDir;
  readonly envoy: RunningEnvoy;
  /** Undefined for `envoy-alone`. */
  readonly sidecarPid: number | undefined;
  /** Of the Redis that keeps the holds; undefined where none does. */
  readonly redisPid: number | undefined;
  /** `host:port` of the sidecar's health listener; only Sallyport has one. */
  readonly health: string;
}

export interface SiteOptions {
  readonly row: Row;
  readonly chain: Chain;
  readonly provider: BenchProvider;
  /** Where `limits-redis` keeps its holds. */
  readonly redis?: RedisServer | undefined;
  /** Changes the rendered Envoy configuration. */
  readonly envoy?: (text: string) => string;
  /** Options for the sidecar's Node, e.g. `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
}

export interface BenchProvider extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly key: string;
}

const startDeadlineMs = 30_000;
const pepper = `pepper-${randomBytes(16).toString('hex')}`;

export async function startProvider(): Promise<BenchProvider> {
  const key = `sk-bench-${randomBytes(16).toString('hex')}`;
  const run = await startProcess(process.execPath, [fileURLToPath(new URL('./provider.ts', import.meta.url)), key], { name: 'provider' });
  const port = Number(await run.waitForLine(/^\d+$/u, startDeadlineMs));
  return { pid: run.pid, port, key, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

export async function openSite(options: SiteOptions): Promise<Site> {
  const { row, chain, provider } = options;
  const directory = makeTempDir();
  const health = `127.0.0.1:${String(await freePort())}`;
  const redis = row === 'limits-redis' ? options.redis : undefined;
  const text = stringify({ ...settingsOf(chain, provider, health), ...limitSettings(row, redis), ...maskingSettings(row) });
  const settingsFile = directory.file('sallyport.yaml');
  await writeFiles(directory, text, provider);
  const settings = parseSettings(text, settingsFile);
  const key = row === 'envoy-alone' ? provider.key : await createKey(settings);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => {
    directory.remove();
  });
  const sidecar = row === 'envoy-alone' ? undefined : stack.use(await startSidecar(row, settingsFile, options));
  if (sidecar !== undefined) {
    // Envoy asks for the key once and then backs off: the sockets must be there before it starts.
    await until(() => sidecar.exit() !== undefined || ['grpc.sock', 'sds.sock'].every((name) => existsSync(directory.file(name))), {
      deadlineMs: startDeadlineMs,
      what: `the sidecar of ${row}\n${sidecar.output()}`,
    });
  }
  const rendered = renderStatic(settings).text;
  const envoyText = row === 'envoy-alone' ? withoutSidecar(rendered) : rendered;
  const envoy = stack.use(await startEnvoy({ config: { text: options.envoy?.(envoyText) ?? envoyText }, baseDirectory: directory.path }));
  if (sidecar !== undefined) {
    await until(async () => (await envoy.stat('cluster.sallyport.membership_healthy')) > 0, {
      deadlineMs: startDeadlineMs,
      what: `Envoy to find the sidecar of ${row} healthy`,
    });
  }
  const owned = stack.move();
  return {
    row,
    chain: row === 'envoy-alone' ? 'none' : chain,
    url: `https://127.0.0.1:${String(envoy.port('edge'))}/v1/chat/completions`,
    key,
    directory,
    envoy,
    sidecarPid: sidecar?.pid,
    redisPid: redis === undefined ? undefined : await pidOf(redis),
    health,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** Logs go nowhere: what is measured is their making and writing, not this machine's disk. */
function startSidecar(row: Exclude<Row, 'envoy-alone'>, settingsFile: string, options: SiteOptions): Promise<RunningProcess> {
  const args =
    row === 'noop'
      ? [fileURLToPath(new URL('./noop.ts', import.meta.url)), settingsFile, options.provider.key]
      : [fileURLToPath(new URL('../../src/main.ts', import.meta.url)), 'serve', '--config', settingsFile];
  return startProcess('/bin/sh', ['-c', 'exec "$@" >/dev/null', 'sh', process.execPath, ...(options.nodeOptions ?? []), ...args], {
    name: row,
  });
}

const LIMITED: ReadonlySet<Row> = new Set(['limits', 'limits-redis', 'masking']);

/** Limits at six levels and of all four kinds, none of which is ever reached. */
const limitSettings = (row: Row, redis: RedisServer | undefined): Partial<SettingsInput> =>
  !LIMITED.has(row)
    ? {}
    : {
        limits: {
          global: { requests: '1G/min' },
          models: { [MODEL]: { tokens: '900G/day' } },
          perTeam: { budget: '8000000 USD/month' },
          perClient: { tokens: '900G/h' },
          perKey: { requests: '1G/min', concurrent: 100_000 },
          perAddress: { requests: '1G/h' },
        },
        prices: { providers: { local: { '*': { input: 2.5, output: 10 } } } },
        ...(redis === undefined ? {} : { ledger: { url: redis.url } }),
      };

/** What most operators would ask for; two values of each request are masked. What finding everything costs is measured by itself. */
const maskingSettings = (row: Row): Partial<SettingsInput> =>
  row === 'masking'
    ? {
        masking: {
          request: { entities: ['email', 'phone', 'card', 'iban', 'aadhaar', 'in_pan', 'secret'] },
          response: { entities: { card: 'redact', secret: 'block' } },
        },
      }
    : {};

async function pidOf(redis: RedisServer): Promise<number> {
  const [, pid = ''] = /process_id:(\d+)/u.exec(String(await redis.command('INFO', 'server'))) ?? [];
  return Number(pid);
}

function settingsOf(chain: Chain, provider: BenchProvider, health: string): SettingsInput {
  return {
    version: 1,
    listen: { grpc: 'unix:grpc.sock', sds: 'unix:sds.sock', health, drain: '5s' },
    edge: {
      listen: '127.0.0.1:0',
      certificate: 'file:tls.pem',
      admin: 'unix:admin.sock',
      accessLog: '/dev/null',
      chain,
      // Client, Envoy, provider and store share two cores here: what waits, waits for a core.
      timeouts: { store: '1s' },
    },
    store: 'sqlite:state/sallyport.db',
    providers: {
      local: {
        api: 'openai',
        url: `http://127.0.0.1:${String(provider.port)}`,
        credential: { secret: 'file:secrets/local' },
        allowPrivate: true,
      },
    },
    models: {
      [MODEL]: { targets: [{ provider: 'local', model: PROVIDER_MODEL }] },
      'gpt-4o-mini': { targets: [{ provider: 'local', model: 'gpt-4o-mini' }] },
      'gpt-4.1': { targets: [{ provider: 'local', model: 'gpt-4.1' }] },
    },
    identity: { virtualKeys: { pepper: 'file:secrets/pepper' } },
    policies: { standard: { models: ['gpt-4o*'], operations: ['chat', 'embeddings', 'models'] } },
    teams: { finance: { policy: 'standard' } },
  };
}

async function writeFiles(directory: TempDir, settingsText: string, provider: BenchProvider): Promise<void> {
  const { server } = await makeCertificates();
  mkdirSync(directory.file('secrets'), { mode: 0o700 });
  writeFileSync(directory.file('secrets/local'), provider.key, { mode: 0o600 });
  writeFileSync(directory.file('secrets/pepper'), pepper, { mode: 0o600 });
  writeFileSync(directory.file('tls.pem'), server.cert + server.key, { mode: 0o600 });
  writeFileSync(directory.file('sallyport.yaml'), settingsText);
}

/** A virtual key narrowed to one model. */
async function createKey(settings: Settings): Promise<string> {
  const composed = composeVirtualKey('bench', randomBytes);
  const store = await openKeyStore({ path: settings.store.path });
  await store.create({
    id: composed.id,
    environment: 'bench',
    name: 'bench',
    client: 'bench-app',
    team: 'finance',
    tier: undefined,
    user: undefined,
    policy: undefined,
    models: [MODEL],
    operations: undefined,
    networks: undefined,
    digests: [digestKey(pepper, composed.key)],
    createdAtMs: Date.now(),
    expiresAtMs: Date.now() + 86_400_000,
    revokedAtMs: undefined,
  });
  await store.close();
  return composed.key;
}

const sidecarParts: ReadonlySet<unknown> = new Set([
  'envoy.filters.http.ext_authz',
  'envoy.filters.http.ext_proc',
  'sallyport.gate',
  'sallyport.rewrite',
  'sallyport.key',
  'sallyport',
  'sallyport-sds',
]);

const jsonSchema = z.json();
type JsonValue = z.infer<typeof jsonSchema>;

/** The same Envoy configuration without the filters and clusters that concern the sidecar; everything goes to the provider. */
const withoutSidecar = (text: string): string => stringify(pruned(jsonSchema.parse(parse(text))));

function pruned(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    return value.filter((item) => !(isObject(item) && sidecarParts.has(item['name']))).map(pruned);
  }
  if (!isObject(value)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, name === 'routes' ? everything : pruned(member)]));
}

const everything: JsonValue = [{ match: { prefix: '/' }, route: { cluster: 'local', timeout: '0s' } }];

const isObject = (value: JsonValue): value is { [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
