import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { stringify } from 'yaml';
import { z } from 'zod';
import { openKeyStore, type KeyStore } from '../../src/adapters/sqlite/key-store.ts';
import { parseSettings } from '../../src/config/load.ts';
import type { SettingsInput } from '../../src/config/schema.ts';
import type { Settings } from '../../src/config/settings.ts';
import { renderStatic, renderWatched } from '../../src/envoy/render.ts';
import { composeVirtualKey, digestKey } from '../../src/policy/virtual-key.ts';
import type { KeyRecord } from '../../src/ports/key-store.ts';
import { makeCertificates, type Certificates } from './certificates.ts';
import { startEnvoy, type EnvoyOptions, type RunningEnvoy } from './envoy.ts';
import { startProcess, type RunningProcess } from './process.ts';
import { startTestProvider, type TestProvider } from './provider.ts';
import { makeTempDir, type TempDir } from './temp-dir.ts';
import { trustCertificate } from './trust.ts';
import { until } from './wait.ts';

const root = resolve(import.meta.dirname, '../..');

/** What a test wants of a door; the rest is a good default: three OpenAI providers, one Anthropic, a few models, one policy. */
export interface DoorOptions {
  /** Changes the settings before anything is written or started. */
  readonly settings?: (settings: SettingsInput) => void;
  /** Changes the rendered Envoy configuration: for tests of what happens without a part of it. */
  readonly envoy?: (text: string) => string;
  /** Sidecar processes, each on sockets of its own. */
  readonly processes?: number;
  /** False: Envoy comes up with nobody behind the sockets. */
  readonly startSidecars?: boolean;
  /** Environment of the sidecars beside that of the test. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly concurrency?: number;
  /** Of Envoy's own log; `warning` where nothing is said. */
  readonly envoyLogLevel?: NonNullable<EnvoyOptions['logLevel']>;
  /** Below which each provider serves: starts with a slash and does not end in one. */
  readonly basePaths?: Partial<Readonly<Record<keyof DoorProviders, string>>>;
  /** True: listener and clusters lie in the directory `xds`, which Envoy watches. */
  readonly watched?: boolean;
  readonly envoyArgs?: readonly string[];
}

export interface DoorProviders {
  readonly alpha: TestProvider;
  readonly beta: TestProvider;
  readonly gamma: TestProvider;
  readonly claude: TestProvider;
}

export interface CreatedKey {
  readonly key: string;
  readonly id: string;
}

/** One JSON line of a sidecar's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A whole door, all real: Envoy with TLS, sidecar processes, local providers, SQLite. Ends everything it started. */
export interface Door extends AsyncDisposable {
  readonly directory: TempDir;
  readonly settings: Settings;
  readonly settingsFile: string;
  readonly certificates: Certificates;
  readonly envoy: RunningEnvoy;
  readonly sidecars: readonly RunningProcess[];
  readonly providers: DoorProviders;
  readonly store: KeyStore;
  readonly port: number;
  readonly url: string;
  createKey(record?: Partial<KeyRecord>): Promise<CreatedKey>;
  openai(key: string): OpenAI;
  anthropic(key: string): Anthropic;
  /** Log lines of all sidecars that are about exchanges. */
  exchanges(): readonly LogLine[];
  startSidecar(instance: number): Promise<RunningProcess>;
  /** Runs the command line beside the running door. */
  sallyport(...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Requests at all providers so far. */
  arrived(): number;
}

const secretOf = (prefix: string): string => `${prefix}-${randomBytes(16).toString('hex')}`;

/** The keys that only providers and Envoy may ever see. */
export const PROVIDER_KEYS = {
  alpha: secretOf('sk-alpha'),
  beta: secretOf('sk-beta'),
  gamma: secretOf('sk-gamma'),
  claude: secretOf('sk-ant-claude'),
} as const;

const PEPPER = secretOf('pepper');

export async function openDoor(options: DoorOptions = {}): Promise<Door> {
  // What was started is ended, also where a later start fails.
  await using closing = new AsyncDisposableStack();
  const certificates = await makeCertificates();
  trustCertificate(certificates.ca.cert);
  const directory = makeTempDir();
  closing.defer(() => {
    directory.remove();
  });
  const providers = await startProviders(options.basePaths ?? {});
  const all: readonly TestProvider[] = [providers.alpha, providers.beta, providers.gamma, providers.claude];
  closing.defer(async () => {
    await Promise.all(all.map((provider) => provider.close()));
  });
  const raw = defaultSettings(providers, options.processes ?? 1);
  options.settings?.(raw);
  writeSecrets(directory, certificates);
  const settingsFile = directory.file('sallyport.yaml');
  writeFileSync(settingsFile, stringify(raw));
  const settings = parseSettings(stringify(raw), settingsFile);
  const sidecars: RunningProcess[] = [];
  closing.defer(async () => {
    await Promise.all(sidecars.map((sidecar) => sidecar.stop('SIGKILL')));
  });
  const startSidecar = async (instance: number): Promise<RunningProcess> => {
    const started = await startProcess(
      process.execPath,
      [join(root, 'src/main.ts'), 'serve', '--config', settingsFile, '--instance', String(instance)],
      { name: `sidecar ${String(instance)}`, env: { ...process.env, ...options.environment } },
    );
    sidecars.push(started);
    await started.waitForLine(/sallyport is serving/, 30_000);
    return started;
  };
  if (options.startSidecars ?? true) {
    await Promise.all(settings.listen.grpc.map((_, instance) => startSidecar(instance)));
  }
  const envoy = await startDoorEnvoy(options, settings, directory);
  closing.defer(() => envoy.stop());
  const port = envoy.port('edge');
  const url = `https://localhost:${String(port)}`;
  const store = await openKeyStore({ path: settings.store.path });
  closing.defer(() => store.close());
  if (options.startSidecars ?? true) {
    await untilReachable(envoy, sidecars.length);
  }
  const running = closing.move();
  return {
    directory,
    settings,
    settingsFile,
    certificates,
    envoy,
    sidecars,
    providers,
    store,
    port,
    url,
    createKey: (record) => createKey(store, record),
    openai: (key) => new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 }),
    anthropic: (key) => new Anthropic({ apiKey: key, baseURL: url, maxRetries: 0 }),
    exchanges: () => sidecars.flatMap((sidecar) => logLines(sidecar)).filter((line) => line['msg'] === 'exchange'),
    startSidecar,
    sallyport: async (...args) => {
      const run = await startProcess(process.execPath, [join(root, 'src/main.ts'), ...args, '--config', settingsFile], {
        name: 'sallyport',
      });
      const { code } = await run.exited;
      return { code, stdout: run.stdout(), stderr: run.stderr() };
    },
    arrived: () => all.map((provider) => provider.traffic().requests).reduce((sum, count) => sum + count, 0),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function startDoorEnvoy(options: DoorOptions, settings: Settings, directory: TempDir): Promise<RunningEnvoy> {
  const rendered = options.watched === true ? renderBootstrap(settings, directory) : renderStatic(settings).text;
  return startEnvoy({
    config: { text: options.envoy?.(rendered) ?? rendered },
    baseDirectory: directory.path,
    extraArgs: options.envoyArgs ?? [],
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    ...(options.envoyLogLevel === undefined ? {} : { logLevel: options.envoyLogLevel }),
  });
}

function renderBootstrap(settings: Settings, directory: TempDir): string {
  writeWatched(settings, directory);
  const bootstrap = renderWatched(settings, directory.file('xds')).find(({ name }) => name === 'envoy.yaml');
  return bootstrap?.text ?? '';
}

/** Renders the watched files anew: clusters before the listener that names them, each by rename. */
export function writeWatched(settings: Settings, directory: TempDir, written: readonly string[] = ['cds.yaml', 'lds.yaml']): void {
  const target = directory.file('xds');
  mkdirSync(target, { recursive: true });
  for (const file of renderWatched(settings, target).filter(({ name }) => written.includes(name))) {
    const fresh = directory.file(`${file.name}.new`);
    writeFileSync(fresh, file.text);
    renameSync(fresh, join(target, file.name));
  }
}

async function startProviders(basePaths: NonNullable<DoorOptions['basePaths']>): Promise<DoorProviders> {
  const openai = (name: 'alpha' | 'beta' | 'gamma'): Promise<TestProvider> =>
    startTestProvider({
      apis: ['openai'],
      key: PROVIDER_KEYS[name],
      models: [`${name}-large`, `${name}-small`, `${name}-embed`],
      basePath: basePaths[name],
    });
  const [alpha, beta, gamma, claude] = await Promise.all([
    openai('alpha'),
    openai('beta'),
    openai('gamma'),
    startTestProvider({ apis: ['anthropic'], key: PROVIDER_KEYS.claude, models: ['claude-model'], basePath: basePaths.claude }),
  ]);
  return { alpha, beta, gamma, claude };
}

function defaultSettings(providers: DoorProviders, processes: number): SettingsInput {
  const numbers = Array.from({ length: processes }, (_, index) => index);
  const provider = (name: keyof DoorProviders, api: 'openai' | 'anthropic'): SettingsInput['providers'][string] => ({
    api,
    url: providers[name].url,
    credential: { secret: `file:secrets/${name}`, refresh: '1s' },
    allowPrivate: true,
  });
  return {
    version: 1,
    listen: {
      grpc: numbers.map((number) => `unix:grpc-${String(number)}.sock`),
      sds: numbers.map((number) => `unix:sds-${String(number)}.sock`),
      health: numbers.map(() => '127.0.0.1:0'),
    },
    edge: {
      listen: '127.0.0.1:0',
      certificate: 'file:tls.pem',
      admin: 'unix:admin.sock',
      accessLog: 'access.log',
      // A busy machine must not fail a test by the clock.
      timeouts: { store: '1s' },
    },
    store: 'sqlite:state/sallyport.db',
    providers: {
      alpha: provider('alpha', 'openai'),
      beta: provider('beta', 'openai'),
      gamma: provider('gamma', 'openai'),
      claude: provider('claude', 'anthropic'),
    },
    models: {
      large: { targets: [{ provider: 'alpha', model: 'alpha-large' }] },
      small: { targets: [{ provider: 'alpha', model: 'alpha-small' }] },
      embed: { targets: [{ provider: 'alpha', model: 'alpha-embed' }] },
      spare: {
        targets: [
          { provider: 'alpha', model: 'alpha-large' },
          { provider: 'beta', model: 'beta-large' },
        ],
      },
      claude: { targets: [{ provider: 'claude', model: 'claude-model' }] },
    },
    identity: { virtualKeys: { pepper: 'file:secrets/pepper' } },
    policies: { standard: { models: ['large', 'small', 'embed', 'spare', 'claude'] }, narrow: { models: ['small'] } },
    teams: { finance: { policy: 'standard' } },
  };
}

function writeSecrets(directory: TempDir, certificates: Certificates): void {
  mkdirSync(directory.file('secrets'), { mode: 0o700 });
  for (const [name, value] of Object.entries({ ...PROVIDER_KEYS, pepper: PEPPER })) {
    writeFileSync(directory.file(`secrets/${name}`), `${value}\n`, { mode: 0o600 });
  }
  writeFileSync(directory.file('tls.pem'), certificates.server.cert + certificates.server.key, { mode: 0o600 });
  writeFileSync(directory.file('client-ca.pem'), certificates.ca.cert);
}

/** Envoy has checked the sidecars' health once and holds the keys. */
async function untilReachable(envoy: RunningEnvoy, processes: number): Promise<void> {
  await until(async () => (await envoy.stat('cluster.sallyport.membership_healthy')) >= processes, {
    deadlineMs: 10_000,
    what: 'Envoy to find the sidecar healthy',
  });
}

async function createKey(store: KeyStore, record: Partial<KeyRecord> = {}): Promise<CreatedKey> {
  const composed = composeVirtualKey('test', randomBytes);
  const now = Date.now();
  await store.create({
    id: composed.id,
    environment: 'test',
    name: 'a test key',
    client: 'test-app',
    team: 'finance',
    tier: undefined,
    user: undefined,
    policy: undefined,
    models: undefined,
    operations: undefined,
    networks: undefined,
    digests: [digestKey(PEPPER, composed.key)],
    createdAtMs: now,
    expiresAtMs: now + 3_600_000,
    revokedAtMs: undefined,
    ...record,
  });
  return { key: composed.key, id: composed.id };
}

function logLines(sidecar: RunningProcess): readonly LogLine[] {
  return sidecar
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => logLine.parse(JSON.parse(line)));
}

const logLine = z.record(z.string(), z.unknown());
