import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, openSync } from 'node:fs';
import { request } from 'node:http';
import { delimiter, join } from 'node:path';

const readyMsMax = 30_000;
const pollMs = 50;

export interface EnvoyProcess {
  stop(): Promise<void>;
}

/** ENVOY_BIN, then `envoy` on the PATH, then what set-up brought. Throws an error that says how to get one. */
export function findEnvoyBinary(environment: NodeJS.ProcessEnv, packageRoot: string): string {
  const named = environment['ENVOY_BIN'] ?? '';
  const onPath = (environment['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'envoy'));
  const candidates = named === '' ? [...onPath, join(packageRoot, '.cache/envoy-1.40.0/envoy')] : [named];
  const found = candidates.find(isExecutable);
  if (found === undefined) {
    throw new Error('no Envoy found: run "npm run demo", which brings one, or set ENVOY_BIN to an Envoy 1.40 binary');
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts Envoy on a rendered file and waits until it is live; its own log goes to `logFile`. */
export async function startEnvoyProcess(binary: string, config: string, adminSocket: string, logFile: string): Promise<EnvoyProcess> {
  const log = openSync(logFile, 'a');
  const child = spawn(binary, ['--config-path', config, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'warning'], {
    stdio: ['ignore', log, log],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  await untilLive(child, adminSocket, logFile);
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function untilLive(child: ChildProcess, adminSocket: string, logFile: string): Promise<void> {
  const startedMs = performance.now();
  while (!(await isLive(adminSocket))) {
    if (child.exitCode !== null || performance.now() - startedMs > readyMsMax) {
      child.kill('SIGKILL');
      throw new Error(`Envoy did not start: see ${logFile}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

const isLive = async (adminSocket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const call = request({ socketPath: adminSocket, path: '/ready', headers: { host: 'admin' } }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('error', () => {
      resolve(false);
    });
    call.end();
  });
