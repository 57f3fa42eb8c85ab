import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { parseArgs } from 'node:util';
import { openKeyStore, type KeyStore } from './adapters/sqlite/key-store.ts';
import { makeDemoCertificate } from './cli/demo/certificate.ts';
import { EXIT, type Command } from './cli/command.ts';
import { findEnvoyBinary, startEnvoyProcess } from './cli/demo/envoy-process.ts';
import { startLocalProvider, type LocalProvider } from './cli/demo/local-provider.ts';
import { DEMO_MODELS, demoSettings } from './cli/demo/settings.ts';
import { runTour } from './cli/demo/tour.ts';
import { parseSettings } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { must } from './core/assert.ts';
import { renderStatic } from './envoy/render.ts';
import { composeVirtualKey, digestKey, parseVirtualKey } from './policy/virtual-key.ts';
import { startSidecar } from './serve.ts';

const usage = `Usage: sallyport demo [--once] [--port N] [--openai-key REFERENCE] [--anthropic-key REFERENCE]

Starts everything on this machine: Envoy with TLS, the sidecar on SQLite, and small local providers that speak the OpenAI and
Anthropic APIs. Walks through what the door does, then stays up for you to try. Nothing leaves the machine, unless you name keys.

  --once             end after the walk
  --port N           port of the door on 127.0.0.1 (default 8443, or a free one)
  --openai-key, --anthropic-key   secret reference (file:/path) of a real key: adds the models gpt-4o-mini, claude-haiku-4-5
`;

const preferredPort = 8_443;
const keyHours = 24;

export const demoCommand: Command = {
  name: 'demo',
  summary: 'start everything locally and walk through it',
  usage,
  async run(args, context) {
    const options = readOptions(args);
    if (options === undefined) {
      context.stderr(usage);
      return EXIT.usage;
    }
    if (options.help) {
      context.stdout(usage);
      return EXIT.done;
    }
    // Short, because unix socket paths end at 108 bytes.
    const directory = mkdtempSync(join(tmpdir(), 'sallyport-'));
    const print = (text: string): void => {
      context.stdout(`${text}\n`);
    };
    const closing = new AsyncDisposableStack();
    closing.defer(() => {
      rmSync(directory, { recursive: true, force: true });
    });
    try {
      await startDemo(directory, options, print, closing);
      if (!options.once) {
        await untilInterrupted();
      }
      return EXIT.done;
    } finally {
      await closing.disposeAsync();
    }
  },
};

const untilInterrupted = async (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });

interface DemoOptions {
  readonly help: boolean;
  readonly once: boolean;
  readonly port: number;
  readonly openaiKey: string | undefined;
  readonly anthropicKey: string | undefined;
}

function readOptions(args: readonly string[]): DemoOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        port: { type: 'string', default: String(preferredPort) },
        'openai-key': { type: 'string' },
        'anthropic-key': { type: 'string' },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      return undefined;
    }
    return { help: values.help, once: values.once, port, openaiKey: values['openai-key'], anthropicKey: values['anthropic-key'] };
  } catch {
    return undefined;
  }
}

interface DemoProviders {
  readonly openai: LocalProvider;
  readonly backup: LocalProvider;
  readonly anthropic: LocalProvider;
}

/** Brings everything up and walks through it; what must be closed afterwards, in reverse order, goes onto `closing`. */
async function startDemo(
  directory: string,
  options: DemoOptions,
  print: (text: string) => void,
  closing: AsyncDisposableStack,
): Promise<void> {
  const envoyBinary = findEnvoyBinary(process.env, fileURLToPath(new URL('..', import.meta.url)));
  const secrets = openSecretFiles(directory);
  const providers = await startProviders(secrets, closing);
  const { trust } = await makeDemoCertificate(directory);
  const settings = await writeSettings(directory, options, providers);
  const sidecar = await startSidecar(settings, 0, join(directory, 'sidecar.log'));
  closing.defer(async () => {
    await sidecar.drain();
  });
  must(settings.edge.admin.kind === 'unix', 'the demo’s Envoy admin is a socket');
  const config = join(directory, 'envoy.yaml');
  const envoy = await startEnvoyProcess(envoyBinary, config, settings.edge.admin.path, join(directory, 'envoy.log'));
  closing.defer(() => envoy.stop());
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(trust, 'utf8')]);
  const store = await openKeyStore({ path: settings.store.path });
  closing.defer(() => store.close());

  const url = `https://localhost:${String(settings.edge.listen.port)}`;
  print(`Envoy, the sidecar and three local providers are up: ${url}`);
  print(`Everything they use and write is in ${directory}`);
  const standardKey = await issueKey(store, secrets.pepper, 'demo-app', 'apps');
  const premiumKey = await issueKey(store, secrets.pepper, 'demo-research', 'research');
  const trialKey = await issueKey(store, secrets.pepper, 'demo-visitor', 'visitors');
  await runTour({
    url,
    openai: providers.openai,
    standardKey,
    premiumKey,
    trialKey,
    print,
    rotateProviderKey() {
      const next = newProviderKey();
      providers.openai.setKeys(next);
      secrets.write('openai', next);
    },
    stopFirstProvider: () => providers.openai.close(),
    async revokeStandardKey() {
      await store.revoke(parseVirtualKey(standardKey)?.id ?? '', Date.now());
    },
  });
  if (!options.once) {
    invite(print, url, trust, premiumKey, join(directory, 'sallyport.yaml'));
  }
}

const newProviderKey = (): string => `sk-demo-${randomBytes(12).toString('hex')}`;

interface SecretFiles {
  readonly pepper: string;
  /** Replaces the file whole, as a mounted secret is replaced. */
  readonly write: (name: string, value: string) => void;
}

function openSecretFiles(directory: string): SecretFiles {
  mkdirSync(join(directory, 'secrets'), { mode: 0o700 });
  const write = (name: string, value: string): void => {
    const file = join(directory, 'secrets', name);
    writeFileSync(`${file}.new`, value, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const pepper = randomBytes(32).toString('hex');
  write('pepper', pepper);
  return { pepper, write };
}

async function startProviders(secrets: SecretFiles, closing: AsyncDisposableStack): Promise<DemoProviders> {
  const start = async (name: string, api: 'openai' | 'anthropic', models: readonly string[]): Promise<LocalProvider> => {
    const key = newProviderKey();
    secrets.write(name, key);
    const provider = await startLocalProvider({ apis: [api], key, models });
    closing.defer(() => provider.close());
    return provider;
  };
  return {
    openai: await start('openai', 'openai', DEMO_MODELS.openai),
    backup: await start('backup', 'openai', DEMO_MODELS.backup),
    anthropic: await start('anthropic', 'anthropic', DEMO_MODELS.anthropic),
  };
}

async function writeSettings(directory: string, options: DemoOptions, providers: DemoProviders): Promise<Settings> {
  const port = await freePort(options.port);
  const file = join(directory, 'sallyport.yaml');
  const text = demoSettings({ ...providers, port, openaiKey: options.openaiKey, anthropicKey: options.anthropicKey });
  writeFileSync(file, text);
  const settings = parseSettings(text, file);
  const rendered = renderStatic(settings);
  writeFileSync(join(directory, rendered.name), rendered.text);
  return settings;
}

async function issueKey(store: KeyStore, pepper: string, client: string, team: string): Promise<string> {
  const composed = composeVirtualKey('demo', randomBytes);
  const nowMs = Date.now();
  await store.create({
    id: composed.id,
    environment: composed.environment,
    name: 'made by the demo',
    client,
    team,
    tier: undefined,
    user: undefined,
    policy: undefined,
    models: undefined,
    operations: undefined,
    networks: undefined,
    digests: [digestKey(pepper, composed.key)],
    createdAtMs: nowMs,
    expiresAtMs: nowMs + keyHours * 3_600_000,
    revokedAtMs: undefined,
  });
  return composed.key;
}

function invite(print: (text: string) => void, url: string, trust: string, key: string, file: string): void {
  print(`
Now you. This key is good for ${String(keyHours)} hours and every model but the one whose provider has gone:

  curl --cacert ${trust} ${url}/v1/chat/completions \\
    -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\
    -d '{"model": "demo-large", "messages": [{"role": "user", "content": "hello"}]}'

  # NODE_EXTRA_CA_CERTS=${trust} node
  import OpenAI from 'openai';
  const client = new OpenAI({ baseURL: '${url}/v1', apiKey: '${key}' });

  npm run --silent sallyport -- keys list --config ${file}

Ctrl-C ends it all.`);
}

/** `preferred` where nobody listens on it, else a free one. */
async function freePort(preferred: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => {
      if (preferred === 0) {
        reject(new Error('no free port on 127.0.0.1'));
      } else {
        resolve(freePort(0));
      }
    });
    probe.listen(preferred, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : preferred);
      });
    });
  });
}
