import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { startProcess } from './process.ts';
import { makeTempDir } from './temp-dir.ts';

const installer = fileURLToPath(new URL('../../scripts/emulators.mjs', import.meta.url));
const server = fileURLToPath(new URL('./presidio.py', import.meta.url));
/** It loads a language model. */
const readyDeadlineMs = 90_000;

export interface Presidio {
  /** Base URL, on loopback. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts a real Presidio analyzer for English on a free loopback port; installs it first where it is missing. */
export async function startPresidio(): Promise<Presidio> {
  const { python, directory } = await install();
  const home = makeTempDir();
  const running = await startProcess(python, [server], {
    name: 'presidio',
    cwd: home.path,
    env: { PATH: process.env['PATH'], HOME: home.path, TMPDIR: home.path, PYTHONPATH: directory, OMP_NUM_THREADS: '1' },
  });
  const stop = async (): Promise<void> => {
    await running.stop();
    home.remove();
  };
  try {
    return { url: `http://127.0.0.1:${await running.waitForLine(/^\d+$/, readyDeadlineMs)}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const installed = z.object({ python: z.string(), directory: z.string() });

async function install(): Promise<z.output<typeof installed>> {
  const running = await startProcess(process.execPath, [installer, 'presidio'], { name: 'scripts/emulators.mjs' });
  const { code } = await running.exited;
  if (code !== 0) {
    throw new Error(running.stderr());
  }
  return installed.parse(JSON.parse(running.stdout()));
}
