import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

function place(directory: TempDir, changes: { readonly health?: string; readonly grpc?: string; readonly ledger?: string }): string {
  writeFileSync(directory.file('pepper'), 'pepper-of-this-test-pepper-of-this-test\n', { mode: 0o600 });
  const file = directory.file('sallyport.yaml');
  const { health = '127.0.0.1:0', grpc = 'grpc.sock', ledger = '' } = changes;
  writeFileSync(
    file,
    `version: 1
listen: { grpc: unix:${grpc}, sds: unix:sds.sock, health: '${health}' }
edge: { listen: 127.0.0.1:8443, certificate: file:tls.pem }
store: sqlite:sallyport.db
providers: { in-house: { api: openai, url: https://llm.example/v1, credential: none } }
models: { small: { targets: [{ provider: in-house, model: small }] } }
identity: { virtualKeys: { pepper: file:pepper } }
policies: { standard: { models: [small], limits: { requests: 5/min } } }
${ledger}`,
  );
  return file;
}

const serve = async (file: string): ReturnType<typeof sallyport> => sallyport('serve', '--config', file);

const sallyport = async (...args: readonly string[]): Promise<{ readonly code: unknown; readonly stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, _stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stderr });
    });
  });

it('a start without the password of the ledger ends in a line that names the setting, not in a stack', async () => {
  using directory = makeTempDir();
  const file = place(directory, { ledger: "ledger: { url: 'redis://127.0.0.1:1', password: file:not-there }\n" });
  const { code, stderr } = await serve(file);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^sallyport serve: did not start: the password of the ledger is not at file:.*not-there: .*correct ledger\.password\n$/,
  );
});

it('a start without the ledger ends in a line where no limit lets requests through meanwhile', async () => {
  using directory = makeTempDir();
  const { code, stderr } = await serve(place(directory, { ledger: "ledger: { url: 'redis://127.0.0.1:1' }\n" }));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^sallyport serve: did not start: the store cannot be used \(connect ECONNREFUSED .*\)\. .* "ledger:"\.\n$/);
});

it('a start with a directory missing says which socket cannot be made', async () => {
  using directory = makeTempDir();
  const { code, stderr } = await serve(place(directory, { grpc: 'nowhere/grpc.sock' }));
  expect(code).toBe(1);
  expect(stderr).toMatch(/sallyport serve: did not start: cannot listen on unix:.*nowhere\/grpc\.sock: .*does its directory exist\?\n$/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

it('a start on an address that is taken says so, and what to do', async () => {
  using directory = makeTempDir();
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, stderr } = await serve(place(directory, { health: `127.0.0.1:${String(port)}` }));
  taken.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^sallyport serve: did not start: listen EADDRINUSE: .*: name another address under "listen:", or end the process/,
  );
});

it.each([
  ['block', '--client', 'ledger-app', '--reason', 'leaked'],
  ['unblock', '--all'],
  ['block', '--list'],
])('%s before any start says that there is no store, and makes none in which it would come to nothing', async (...args) => {
  using directory = makeTempDir();
  const { code, stderr } = await sallyport(...args, '--config', place(directory, {}));
  expect(code).toBe(1);
  expect(stderr).toMatch(/the store cannot be used \(there is no .*sallyport\.db: .*Nothing was changed/);
  expect(existsSync(directory.file('sallyport.db'))).toBe(false);
});

/** Resolves once it listens. */
const start = async (file: string): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, 'serve', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('"msg":"sallyport is serving"')) {
        resolve(child);
      }
    });
    child.once('exit', () => {
      reject(new Error(`it did not start: ${said}`));
    });
  });

const killed = async (child: ChildProcess): Promise<void> => {
  child.removeAllListeners('exit');
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  child.kill('SIGKILL');
  await gone;
};

it('a second process of one instance leaves the journal of the first alone, and one after its kill takes it over', async () => {
  using directory = makeTempDir();
  const file = place(directory, {});
  const journal = directory.file('sallyport-journals/journal-0.jsonl');
  const first = await start(file);
  try {
    const { ino } = statSync(journal);
    const { code, stderr } = await serve(file);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^sallyport serve: did not start: another process writes the journal .*journal-0\.jsonl; wait until it has ended/,
    );
    expect(statSync(journal).ino).toBe(ino);
  } finally {
    await killed(first);
  }
  await killed(await start(file));
});
