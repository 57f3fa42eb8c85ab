import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { fileBeside } from '../../../src/core/file-beside.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

/** Loads a file in a thread, and says how many modules of WebAssembly that took. */
const counting = `
  const { parentPort, workerData } = require('node:worker_threads');
  let made = 0;
  WebAssembly.Module = new Proxy(WebAssembly.Module, {
    construct: (target, given) => {
      made += 1;
      return new target(...given);
    },
  });
  import(workerData).then(() => parentPort.postMessage(made));
`;

const typed = fileBeside('../../../src/core/gather', import.meta.url).href;

async function modulesMade(env: NodeJS.ProcessEnv): Promise<unknown> {
  const worker = new Worker(counting, { eval: true, execArgv: [], workerData: typed, env });
  const made = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  return made;
}

describe('threads of a TypeScript file', () => {
  it('load WebAssembly for the first of them alone', async () => {
    const directory = makeTempDir();
    const env = { ...process.env, NODE_COMPILE_CACHE: directory.file('compiled') };
    expect(await modulesMade(env)).toBe(1);
    expect(await modulesMade(env)).toBe(0);
    directory.remove();
  });

  it('do so in tests too', async () => {
    await modulesMade(process.env);
    expect(await modulesMade(process.env)).toBe(0);
  });
});
