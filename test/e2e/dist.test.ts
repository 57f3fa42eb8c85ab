import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startProcess, type RunningProcess } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const listening = z.object({ health: z.number().int().positive(), msg: z.literal('listening') });

const settings = `version: 1
listen:
  grpc: unix:grpc.sock
  sds: unix:sds.sock
  health: 127.0.0.1:0
edge: { listen: 127.0.0.1:0, certificate: file:tls.pem }
store: sqlite:state/sallyport.db
providers:
  local: { api: openai, url: http://127.0.0.1:9, credential: none, allowPrivate: true }
models: { any: { targets: [{ provider: local, model: any }] } }
identity: { virtualKeys: { pepper: file:pepper } }
policies: { standard: { models: [any] } }
`;

/** Judges a body that is too large for the event loop's own thread, in the built program. */
const judgeLargeBody = (pool: string): string => `
  const { openBodyPool } = await import(${JSON.stringify(pool)});
  const pool = openBodyPool(1);
  const body = JSON.stringify({ model: 'any', messages: [{ role: 'user', content: 'x'.repeat(100_000) }] });
  const endpoint = { operation: 'chat', api: 'openai', method: 'POST', path: '/v1/chat/completions' };
  console.log((await pool.ask({ op: 'judge', endpoint, bytes: Buffer.from(body) })).outcome.kind);
  await pool.close();
`;

async function get(port: number, path: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((done, fail) => {
    request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('end', () => {
        done({ status: response.statusCode, body });
      });
    })
      .once('error', fail)
      .end();
  });
}

describe('the program as it is built for the image', () => {
  let image: TempDir;
  let state: TempDir;
  let sidecar: RunningProcess;
  let port: number;
  const environment = { ...process.env, NODE_ENV: 'production' };

  beforeAll(async () => {
    image = makeTempDir();
    state = makeTempDir();
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json', '--outDir', image.file('dist')], { cwd: root });
    cpSync(join(root, 'protos'), image.file('protos'), { recursive: true });
    cpSync(join(root, 'package.json'), image.file('package.json'));
    symlinkSync(join(root, 'node_modules'), image.file('node_modules'));
    writeFileSync(state.file('sallyport.yaml'), settings);
    writeFileSync(state.file('pepper'), `${'a long pepper for a test '.repeat(2).trim()}\n`, { mode: 0o600 });
    mkdirSync(state.file('state'));
    sidecar = await startProcess(
      process.execPath,
      ['--enable-source-maps', image.file('dist/main.js'), 'serve', '--config', state.file('sallyport.yaml')],
      { name: 'built sidecar', env: environment, cwd: state.path },
    );
    port = listening.parse(JSON.parse(await sidecar.waitForLine(/"listening"/, 30_000))).health;
  });
  afterAll(async () => {
    await sidecar.stop('SIGKILL');
    image.remove();
    state.remove();
  });

  it('answers a health check', async () => {
    expect(await get(port, '/healthz')).toEqual({ status: 200, body: 'ok\n' });
  });

  it('finds its protos, its store thread and its secrets: everything is ready', async () => {
    const { status, body } = await get(port, '/readyz');
    expect(JSON.parse(body)).toEqual({ ready: true, parts: { store: true, pepper: true, serving: true, 'provider:local': true } });
    expect(status).toBe(200);
  });

  it('finds the thread that judges large bodies', async () => {
    const pool = pathToFileURL(image.file('dist/pipeline/body-pool.js')).href;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', judgeLargeBody(pool)], { env: environment });
    expect(stdout).toBe('next\n');
  });

  it('ends in order on SIGTERM', async () => {
    sidecar.signal('SIGTERM');
    expect(await sidecar.exited).toEqual({ code: 0, signal: null });
  });
});
