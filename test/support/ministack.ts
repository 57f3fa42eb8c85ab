import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { freePort } from './free-port.ts';
import { lastLines, startProcess } from './process.ts';
import { makeTempDir } from './temp-dir.ts';
import { until } from './wait.ts';

const installer = fileURLToPath(new URL('../../scripts/emulators.mjs', import.meta.url));
const readyDeadlineMs = 60_000;

export interface Ministack extends AsyncDisposable {
  /** Base URL, on loopback. */
  readonly endpoint: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts the AWS emulator with Secrets Manager, STS and IAM on a free loopback port; installs it first where it is missing. */
export async function startMinistack(): Promise<Ministack> {
  const { python, directory } = await install();
  const home = makeTempDir();
  const port = await freePort();
  const running = await startProcess(python, ['-m', 'ministack'], {
    name: 'ministack',
    cwd: home.path,
    env: {
      PATH: process.env['PATH'],
      HOME: home.path,
      TMPDIR: home.path,
      PYTHONPATH: directory,
      PYTHONUNBUFFERED: '1',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      SERVICES: 'secretsmanager,sts,iam',
    },
  });
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const stop = async (): Promise<void> => {
    await running.stop();
    home.remove();
  };
  try {
    await until(() => running.exit() !== undefined || answers(endpoint), { deadlineMs: readyDeadlineMs, what: 'ministack to answer' });
    if (running.exit() !== undefined) {
      throw new Error('ministack ended before it answered');
    }
  } catch (error) {
    await stop();
    throw new Error(`ministack did not start:\n${lastLines(running.output())}`, { cause: error });
  }
  return { endpoint, pid: running.pid, stop, [Symbol.asyncDispose]: stop };
}

const installed = z.object({ python: z.string(), directory: z.string() });

async function install(): Promise<z.output<typeof installed>> {
  const running = await startProcess(process.execPath, [installer], { name: 'scripts/emulators.mjs' });
  const { code } = await running.exited;
  if (code !== 0) {
    throw new Error(running.stderr());
  }
  return installed.parse(JSON.parse(running.stdout()));
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    const answer = await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(1_000) });
    return answer.ok;
  } catch {
    return false;
  }
}
