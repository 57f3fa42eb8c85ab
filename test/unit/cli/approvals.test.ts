import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvalsCommand } from '../../../src/cli/approvals.ts';
import { openTestAdmin, type TestAdmin } from '../../support/admin.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { startCommands, type Ran } from './command-context.ts';

let admin: TestAdmin;
let directory: TempDir;
let commands: ReturnType<typeof startCommands>;
let tokens: { readonly ann: string; readonly bob: string; readonly vic: string };
beforeEach(async () => {
  admin = await openTestAdmin();
  directory = makeTempDir();
  commands = startCommands({ adminSockets: () => Promise.resolve([admin.socket]) });
  tokens = {
    ann: (await admin.createOperator('ann', 'approver')).token,
    bob: (await admin.createOperator('bob', 'approver')).token,
    vic: (await admin.createOperator('vic', 'viewer')).token,
  };
});
afterEach(async () => {
  await admin[Symbol.asyncDispose]();
  directory.remove();
  commands.remove();
});

/** A file with a token, for its owner alone. */
function tokenFile(text: string): string {
  const file = directory.file('token');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const approvals = (token: string, ...args: string[]): Promise<Ran> =>
  commands.run(approvalsCommand, ...args, '--token-file', tokenFile(`${token}\n`));

const requestArgs = ['request', '--model', 'large', '--team', 'finance', '--reason', 'the quarter’s report'];

async function requested(): Promise<string> {
  const { stdout, code } = await approvals(tokens.ann, ...requestArgs);
  expect(code).toBe(0);
  return /Requested approval ([0-9A-Za-z]{10})/.exec(stdout)?.[1] ?? '';
}

describe('approvals', () => {
  it('are asked for by one, granted by another, listed and revoked, each step by name', async () => {
    const id = await requested();
    const own = await approvals(tokens.ann, 'grant', id, '--reason', 'mine');
    expect(own).toMatchObject({ code: 1, stdout: '' });
    expect(own.stderr).toContain('another operator must. (own_request)');
    const granted = await approvals(tokens.bob, 'grant', id, '--reason', 'agreed', '--duration', '7d');
    expect(granted.stdout).toBe(`Granted ${id}: team finance may use large until 2126-11-28T12:00:00.000Z, within 5 s.\n`);
    expect(await admin.store.approvals()).toHaveLength(1);

    const list = await approvals(tokens.vic, 'list');
    expect(list.stdout).toContain('REQUESTED BY');
    expect(list.stdout).toMatch(new RegExp(`\n${id} +in_force +large +team finance +2126-11-28T12:00 +ann +bob +agreed\n`));
    expect((await approvals(tokens.vic, 'list', '--state', 'revoked', '--json')).stdout).toBe('[]\n');

    const revoked = await approvals(tokens.bob, 'revoke', id, '--reason', 'over budget');
    expect(revoked.stdout).toContain(`Revoked ${id}: team finance is refused large within 5 s.`);
    expect(await admin.store.approvals()).toEqual([]);
    const json = await approvals(tokens.vic, 'list', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([
      { id, state: 'revoked', requested: { by: 'ann', reason: 'the quarter’s report' }, granted: { by: 'bob' }, revoked: { by: 'bob' } },
    ]);
    expect(commands.storesOpened()).toBe(0);
  });

  it('are denied', async () => {
    const id = await requested();
    expect((await approvals(tokens.bob, 'deny', id, '--reason', 'no budget', '--json')).stdout).toContain('"state": "denied"');
    expect((await approvals(tokens.bob, 'grant', id, '--reason', 'after all')).stderr).toContain('not_open');
  });

  it('take the token of the environment, unless a file is named', async () => {
    commands = startCommands({
      adminSockets: () => Promise.resolve([admin.socket]),
      environment: (name) => (name === 'SALLYPORT_OPERATOR_TOKEN' ? tokens.vic : undefined),
    });
    expect((await commands.run(approvalsCommand, 'list')).code).toBe(0);
    expect(admin.records.at(-1)?.operator).toBe('vic');
    await commands.run(approvalsCommand, 'list', '--token-file', tokenFile(tokens.bob));
    expect(admin.records.at(-1)?.operator).toBe('bob');
  });

  it('go to the process that answers', async () => {
    commands = startCommands({ adminSockets: () => Promise.resolve([directory.file('gone.sock'), admin.socket]) });
    expect((await approvals(tokens.vic, 'list')).code).toBe(0);
  });

  it('are not asked twice where an answer breaks off: it may have been done', async () => {
    const socket = directory.file('odd.sock');
    let calls = 0;
    const odd = createServer((connection) => {
      calls += 1;
      connection.once('data', () => connection.destroy());
    }).listen(socket);
    await new Promise((resolve) => odd.once('listening', resolve));
    commands = startCommands({ adminSockets: () => Promise.resolve([socket, admin.socket]) });
    const ran = await approvals(tokens.ann, ...requestArgs);
    odd.close();
    expect([ran.code, calls, await admin.store.listApprovals()]).toEqual([1, 1, []]);
    expect(ran.stderr).toContain('It may have been done');
  });

  it('say so where something else answers', async () => {
    const socket = directory.file('odd.sock');
    const odd = createServer((connection) => connection.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}')).listen(
      socket,
    );
    await new Promise((resolve) => odd.once('listening', resolve));
    commands = startCommands({ adminSockets: () => Promise.resolve([socket]) });
    const ran = await approvals(tokens.vic, 'list');
    odd.close();
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain('does not know');
  });

  it.each<[string, readonly string[], string]>([
    ['no socket is set', [], 'set listen.admin'],
    ['nobody answers', ['/nowhere/admin.sock'], 'nobody answers at /nowhere/admin.sock'],
  ])('say what to do where %s', async (_name, sockets, message) => {
    commands = startCommands({ adminSockets: () => Promise.resolve(sockets) });
    const ran = await approvals(tokens.vic, 'list');
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain(message);
  });

  it.each<[string, string[], string]>([
    ['no model', ['request', '--team', 'finance', '--reason', 'x'], '--model is missing'],
    ['no reason', ['request', '--model', 'large', '--team', 'finance'], '--reason is missing'],
    ['nobody', ['request', '--model', 'large', '--reason', 'x'], 'exactly one of --key, --client, --user and --team'],
    ['two at once', ['request', '--model', 'large', '--reason', 'x', '--team', 'a', '--user', 'b'], 'exactly one of'],
    ['a key that is none', ['request', '--model', 'large', '--reason', 'x', '--key', 'short'], 'the id of a key'],
    ['a reason that moves the cursor', ['request', '--model', 'large', '--reason', 'x\u001b[2J', '--team', 'a'], '--reason'],
    ['a state that is none', ['list', '--state', 'granted'], 'in_force'],
    ['no id', ['grant', '--reason', 'x'], 'the id of one approval'],
    ['an id that is a path', ['grant', '../operators', '--reason', 'x'], 'the id of one approval'],
    ['two ids', ['deny', 'AAAAAAAAAA', 'BBBBBBBBBB', '--reason', 'x'], 'the id of one approval'],
    ['a duration for a denial', ['deny', 'AAAAAAAAAA', '--reason', 'x', '--duration', '1d'], '--duration'],
    ['an unknown word', ['approve', 'AAAAAAAAAA'], 'say request, list, grant, deny or revoke'],
  ])('refuse %s without asking', async (_name, args, message) => {
    const ran = await approvals(tokens.ann, ...args);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain(message);
    expect(admin.records).toEqual([]);
  });

  it.each<[string, () => string[], number, string]>([
    ['there is none', () => [], 2, 'SALLYPORT_OPERATOR_TOKEN'],
    ['the file is missing', () => ['--token-file', directory.file('missing')], 1, 'is not there'],
    ['the file is a directory', () => ['--token-file', directory.path], 1, 'is no file'],
    ['the file is too large', () => ['--token-file', tokenFile('x'.repeat(2_000))], 1, 'no file with a token'],
    ['the file holds a virtual key', () => ['--token-file', tokenFile(`vk_live_${'0'.repeat(42)}1kHCex`)], 1, 'no operator token'],
    ['the file holds two', () => ['--token-file', tokenFile(`${tokens.ann}\n${tokens.bob}\n`)], 1, 'no operator token'],
  ])('need a token: %s', async (_name, args, code, message) => {
    const ran = await commands.run(approvalsCommand, 'list', ...args());
    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toMatch(/op_[0-9A-Za-z]{10}|vk_live/);
    expect(admin.records).toEqual([]);
  });

  it('do not use a token that everyone can read', async () => {
    const file = tokenFile(tokens.ann);
    chmodSync(file, 0o644);
    const ran = await commands.run(approvalsCommand, 'list', '--token-file', file);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('chmod o-r');
  });

  it('explain themselves', async () => {
    for (const args of [['--help'], ...['request', 'list', 'grant', 'deny', 'revoke'].map((word) => [word, '--help'])]) {
      expect(await commands.run(approvalsCommand, ...args)).toMatchObject({ code: 0, stderr: '' });
    }
  });
});
