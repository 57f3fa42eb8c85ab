import { readFileSync, statSync } from 'node:fs';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { basename, dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { normalise, NestingError } from '../envoy/lint/normalise.ts';
import { at, textOf } from '../envoy/lint/place.ts';
import { RefusedError, UsageError } from './arguments.ts';

const configBytesMax = 64 * 1_024 * 1_024;
const adminWaitMs = 10_000;
const yamlAliasesMax = 100;

/** A configuration as the linter takes it. */
export interface EnvoyConfig {
  readonly config: unknown;
  readonly resources: readonly unknown[];
}

/**
 * A bootstrap file with the discovery files that it names, a directory with an `envoy.yaml`, or a saved `/config_dump`.
 * Throws `RefusedError` for what cannot be read.
 */
export function readEnvoyFiles(path: string): EnvoyConfig {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isDirectory ? join(path, 'envoy.yaml') : path;
  const config = readYaml(file);
  const bootstrap = { value: normaliseOrRefuse(config, file), path: '' };
  const resources = ['lds_config', 'cds_config'].flatMap((field) => {
    const source = at(bootstrap, 'dynamic_resources', field);
    const named = textOf(at(source, 'path_config_source', 'path')) ?? textOf(at(source, 'path'));
    return named === undefined ? [] : readResource(named, file, isDirectory);
  });
  return { config, resources };
}

/** Beside the bootstrap or where Envoy would look: a rendered directory is judged by its own files, a deployed file by Envoy's. */
function readResource(named: string, bootstrap: string, besideFirst: boolean): readonly unknown[] {
  const beside = join(dirname(bootstrap), basename(named));
  const candidates = besideFirst ? [beside, resolve(named)] : [resolve(named), beside];
  const found = candidates.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  return found === undefined ? [] : [readYaml(found)];
}

function readYaml(file: string): unknown {
  const document = parseDocument(readBounded(file), { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new RefusedError(`${file}:${String(error.linePos?.[0].line ?? 1)}: ${error.message.split('\n')[0] ?? 'not YAML'}`);
  }
  return document.toJS({ maxAliasCount: yamlAliasesMax });
}

function readBounded(file: string): string {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status?.isFile() !== true) {
    throw new RefusedError(`${file}: there is no such file; name Envoy's bootstrap file or the directory with its envoy.yaml`);
  }
  if (status.size > configBytesMax) {
    throw new RefusedError(`${file}: larger than ${String(configBytesMax)} bytes`);
  }
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new RefusedError(`${file}: cannot be read; see its permissions`);
  }
}

function normaliseOrRefuse(config: unknown, file: string): unknown {
  try {
    return normalise(config);
  } catch (error) {
    if (error instanceof NestingError) {
      throw new RefusedError(`${file}: ${error.message}`);
    }
    throw error;
  }
}

/** What a running Envoy says of its configuration. Throws `UsageError` for an address that is none, `RefusedError` for no answer. */
export async function readEnvoyAdmin(address: string): Promise<EnvoyConfig> {
  const place = adminPlace(address);
  const answer = await ask(place).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RefusedError(`no answer from ${address} (${reason}); is Envoy running, and is this its admin address?`);
  });
  if (answer.status !== 200) {
    const advice = answer.status === 403 ? '; allow /config_dump under admin.allow_paths' : '';
    throw new RefusedError(`${address} answered ${String(answer.status)} to /config_dump${advice}`);
  }
  try {
    return { config: JSON.parse(answer.body), resources: [] };
  } catch {
    throw new RefusedError(`${address} did not answer with a configuration; is it Envoy's admin address?`);
  }
}

function adminPlace(address: string): RequestOptions {
  if (address.startsWith('unix:')) {
    return { socketPath: resolve(address.slice('unix:'.length)) };
  }
  const url = URL.parse(address.includes('://') ? address : `http://${address}`);
  if (url?.protocol !== 'http:' || url.hostname === '') {
    throw new UsageError('--admin takes http://HOST:PORT, HOST:PORT or unix:/path/to.sock');
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 80 : Number(url.port) };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(place: RequestOptions): Promise<Answer> {
  return new Promise((done, fail) => {
    const signal = AbortSignal.timeout(adminWaitMs);
    const call = request({ ...place, path: '/config_dump', agent: false, headers: { host: 'admin' }, signal }, (response) => {
      collect(response).then(done, fail);
    });
    call.once('error', fail);
    call.end();
  });
}

async function collect(response: IncomingMessage): Promise<Answer> {
  const decoder = new TextDecoder();
  let body = '';
  const chunks: AsyncIterable<Uint8Array> = response;
  for await (const chunk of chunks) {
    body += decoder.decode(chunk, { stream: true });
    if (body.length > configBytesMax) {
      throw new Error(`more than ${String(configBytesMax)} characters`);
    }
  }
  return { status: response.statusCode ?? 0, body };
}
