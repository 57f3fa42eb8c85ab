import { renameSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenOnSocket } from '../../../src/admin/unix-socket.ts';
import { openTestAdmin, type AdminAsk, type TestAdmin } from '../../support/admin.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/wait.ts';

let admin: TestAdmin;
let token: string;
let viewer: string;
beforeAll(async () => {
  admin = await openTestAdmin();
  ({ token } = await admin.createOperator('ann', 'approver'));
  ({ token: viewer } = await admin.createOperator('vic', 'viewer'));
});
afterAll(async () => {
  await admin[Symbol.asyncDispose]();
});

const good = { model: 'large', for: { kind: 'team', name: 'finance' }, reason: 'a test', duration: '30d' };
const post = (body: NonNullable<AdminAsk['body']>, headers: NonNullable<AdminAsk['headers']> = {}) =>
  admin.ask({ method: 'POST', path: '/admin/approvals', token, body, headers });

const unfinished = (bearer: string, path: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${bearer}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n`;

describe('a body', () => {
  it.each<[string, string | Buffer, string]>([
    ['nothing', '', 'body_invalid'],
    ['no JSON', 'model=large', 'body_invalid'],
    ['a list', '[]', 'body_invalid'],
    ['null', 'null', 'body_invalid'],
    ['an object that is cut', '{"model":"large"', 'body_invalid'],
    ['two objects', '{}{}', 'body_invalid'],
    ['a name twice', '{"reason":"x","reason":"y"}', 'body_invalid'],
    ['a name twice, once escaped', '{"reason":"x","reaso\\u006e":"y"}', 'body_invalid'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'body_invalid'],
    ['a depth of nine', `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`, 'body_invalid'],
    ['a number beyond every double', '{"reason":1e999}', 'body_invalid'],
    ['an empty object', '{}', 'field_invalid'],
    ['a field of an object’s own', '{"__proto__":{"model":"large"}}', 'field_invalid'],
  ])('that is %s is refused', async (_name, body, code) => {
    expect(await post(body)).toMatchObject({ status: 400, code });
  });

  it.each<[string, object]>([
    ['one field more', { ...good, command: 'id' }],
    ['a model that is no text', { ...good, model: ['large'] }],
    ['no reason', { ...good, reason: '' }],
    ['a reason that moves the cursor', { ...good, reason: 'x\u001b[2J' }],
    ['a reason of 257 characters', { ...good, reason: 'x'.repeat(257) }],
    ['a level that is none', { ...good, for: { kind: 'everyone', name: 'x' } }],
    ['a name with a space', { ...good, for: { kind: 'client', name: 'a b' } }],
    ['an empty name', { ...good, for: { kind: 'client', name: '' } }],
    ['a key that is no id', { ...good, for: { kind: 'key', name: 'short' } }],
    ['a duration of 91 days', { ...good, duration: '91d' }],
    ['a duration of a second', { ...good, duration: '1s' }],
    ['a duration without a unit', { ...good, duration: '30' }],
    ['no end', { ...good, duration: 'never' }],
  ])('with %s is refused', async (_name, body) => {
    expect(await post(body)).toMatchObject({ status: 400, code: 'field_invalid' });
  });

  it.each<[string, string]>([
    ['text/plain', 'content_type_unsupported'],
    ['application/json, text/plain', 'content_type_unsupported'],
    ['application/x-www-form-urlencoded', 'content_type_unsupported'],
    ['application/json; charset=utf-16', 'content_type_unsupported'],
  ])('of the type %s is refused', async (type, code) => {
    expect(await post(good, { 'content-type': type })).toMatchObject({ status: 415, code });
  });

  it('over 64 KiB is refused, announced or not', async () => {
    const large = Buffer.from(JSON.stringify({ ...good, reason: 'x'.repeat(65_536) }));
    expect(await post(large)).toMatchObject({ status: 413, code: 'body_too_large' });
    const head = `POST /admin/approvals HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
    const chunk = `${large.length.toString(16)}\r\n${large.toString()}\r\n`;
    expect(await rawAnswer(`${head}transfer-encoding: chunked\r\n\r\n${chunk}`)).toMatch(/^HTTP\/1.1 413 [\s\S]*body_too_large/);
  });

  it('beside a GET is refused', async () => {
    expect(await admin.ask({ path: '/admin/approvals', token, body: {} })).toMatchObject({ status: 400, code: 'body_unexpected' });
  });

  it('X4: is not waited for where the call is refused anyway', async () => {
    expect(await rawAnswer(unfinished('op_nothing', '/admin/approvals'))).toMatch(/^HTTP\/1.1 401 /);
    expect(await rawAnswer(unfinished(viewer, '/admin/approvals/AAAAAAAAAA/grant'))).toMatch(/^HTTP\/1.1 403 /);
    expect(await rawAnswer(unfinished(token, '/admin/nothing'))).toMatch(/^HTTP\/1.1 404 /);
  });

  it('that breaks off changes nothing', async () => {
    const before = await admin.store.listApprovals();
    const records = admin.records.length;
    const socket = connect(admin.socket);
    const head = `POST /admin/approvals HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
    // An end, not a reset, which might overtake what was written before it.
    socket.end(`${head}content-length: 999\r\n\r\n${JSON.stringify(good)}`);
    await until(() => admin.records.length > records, { deadlineMs: 4_000, what: 'the call to be over' });
    expect(admin.records.at(-1)).toMatchObject({ operator: 'ann', action: 'approvals request', outcome: 'body_incomplete' });
    expect(await admin.store.listApprovals()).toEqual(before);
  });
});

describe('the socket', () => {
  it('is for its owner and its group', () => {
    expect((statSync(admin.socket).mode & 0o777).toString(8)).toBe('660');
  });

  it('that a killed process left is replaced, one that is served is left', async () => {
    using directory = makeTempDir();
    const path = directory.file('admin.sock');
    const left = createServer().listen(path);
    await new Promise((resolve) => left.once('listening', resolve));
    await expect(listenOnSocket(createServer(), path)).rejects.toThrow('another process serves it');
    // What a kill leaves: the file, and nobody behind it.
    renameSync(path, `${path}.kept`);
    await new Promise((resolve) => left.close(resolve));
    renameSync(`${path}.kept`, path);
    const server = createServer();
    await listenOnSocket(server, path);
    server.close();
  });

  it('that cannot be made says what to do', async () => {
    await expect(listenOnSocket(createServer(), '/nowhere/admin.sock')).rejects.toThrow('does its directory exist?');
  });

  it('takes 64 connections, and goes on when they are gone', async () => {
    const sockets = Array.from({ length: 64 }, () => connect(admin.socket));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await expect(admin.ask({ path: '/admin/approvals', token })).rejects.toThrow();
    for (const socket of sockets) {
      socket.destroy();
    }
    await until(
      async () => {
        try {
          return (await admin.ask({ path: '/admin/approvals', token })).status === 200;
        } catch {
          return false;
        }
      },
      { deadlineMs: 5_000, what: 'an answer' },
    );
  });

  it('is not held by whoever sends nothing, or half a head', { timeout: 20_000 }, async () => {
    const slow = ['', 'GET /admin/usage HTTP/1.1\r\nx-a: '].map((sent) => {
      const socket = connect(admin.socket);
      socket.write(sent);
      return endOf(socket);
    });
    expect(await Promise.all(slow)).toEqual([expect.any(String), expect.any(String)]);
  });

  it('refuses a head over 8 KiB', async () => {
    expect(await rawAnswer(`GET /admin/usage HTTP/1.1\r\nhost: x\r\nx-a: ${'x'.repeat(9_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  });
});

/** Everything that comes back until the other side closes. */
function endOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (piece) => (text += piece.toString()));
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve(text);
    });
  });
}

function rawAnswer(sent: string): Promise<string> {
  const socket = connect(admin.socket);
  socket.write(sent);
  return endOf(socket);
}
