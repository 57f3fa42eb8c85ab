import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door } from '../support/door.ts';
import { refusalIn, sendHttp2To, sendRawTo, withNothingArriving, type Refused } from '../support/raw-ask.ts';

let door: Door;
let wide: string;
/** May use `models` and nothing else: a path that is authorised as one and routed as the other would show. */
let lister: string;
beforeAll(async () => {
  door = await openDoor();
  ({ key: wide } = await door.createKey());
  ({ key: lister } = await door.createKey({ operations: ['models'] }));
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});

const chat = '/v1/chat/completions';
const unknown: Refused = { status: 404, shape: 'openai', code: 'endpoint_unsupported' };
const malformed: Refused = { status: 400, shape: 'openai', code: 'bad_request' };
const invalid: Refused = { status: 400, shape: 'openai', code: 'request_invalid' };
const notAllowed: Refused = { status: 403, shape: 'openai', code: 'operation_not_allowed' };

describe('one spelling of a path', () => {
  /** Other spellings of `chat` that Envoy normalises before anything reads the path. */
  const same = [
    ['//', '//v1/chat/completions'],
    ['// in the middle', '/v1//chat///completions'],
    ['/./', '/./v1/./chat/completions'],
    ['..', '/v1/models/../chat/completions'],
    ['.. beyond the root', '/../../v1/chat/completions'],
    ['escaped ..', '/v1/models/%2e%2e/chat/completions'],
    ['.. behind a parameter', '/v1/models;x/../chat/completions'],
    ['..;x (CVE-2026-73551)', '/v1/models/..;x/chat/completions'],
    ['.;x', '/v1/.;x/chat/completions'],
    ['an escaped letter', '/v1/c%68at/completions'],
    ['a backslash', String.raw`/v1\chat\completions`],
    ['an empty query', `${chat}?`],
    ['absolute form', 'http://evil.example/v1/chat/completions'],
    ['absolute form with a port', 'https://evil.example:1/v1/chat/completions'],
  ] as const;

  it.each(same)('%s: the path that was authorised is the path that the provider gets', async (_name, target) => {
    const answer = await sendRawTo(door, { key: wide, target });
    expect(answer?.status).toBe(200);
    const received = door.providers.alpha.requests.at(-1);
    expect([received?.path.replace('?', ''), received?.headers[0]]).toEqual([
      chat,
      ['host', door.providers.alpha.url.replace('http://', '')],
    ]);
  });

  it.each(same)('%s: what may not be used under its own name may not be used so either', async (_name, target) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key: lister, target }));
    expect(refusalIn(answer)).toEqual(notAllowed);
  });

  it.each(same)('%s: nobody comes in without a credential', async (_name, target) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { target }));
    expect(refusalIn(answer)).toEqual({ status: 401, shape: 'openai', code: 'credential_missing' });
  });

  it.each<[name: string, target: string, expected: Refused]>([
    ['a trailing slash', `${chat}/`, unknown],
    ['a trailing dot', `${chat}.`, unknown],
    ['an escaped space at the end', `${chat}%20`, unknown],
    ['another case', '/V1/Chat/Completions', unknown],
    ['a parameter', `${chat};x`, unknown],
    ['a parameter of a segment', '/v1;x/chat/completions', unknown],
    ['a prefix of an endpoint', '/v1/chat', unknown],
    ['more than an endpoint', `${chat}/cmpl-1`, unknown],
    ['an escaped #', `${chat}%23x`, unknown],
    ['an escaped ?', `${chat}%3fx=1`, unknown],
    ['doubly escaped ..', '/v1/models/%252e%252e/chat/completions', unknown],
    ['an overlong UTF-8 slash', '/v1%c0%afchat/completions', unknown],
    ['a full-width letter', '/v1/%ef%bd%83hat/completions', unknown],
    ['the root', '/', unknown],
    ['the administration of another gateway', '/key/generate', unknown],
    ['a file of ours', '/metrics', unknown],
    ['an escaped slash', '/v1%2fchat/completions', malformed],
    ['an escaped slash in upper case', '/v1/chat%2Fcompletions', malformed],
    ['an escaped backslash', '/v1%5cchat/completions', malformed],
    ['an escaped NUL', `${chat}%00`, malformed],
    ['a fragment', `${chat}#x`, malformed],
    ['a fragment that hides a path', '/v1/models#/../chat/completions', malformed],
    ['no slash', 'v1/chat/completions', malformed],
    ['a star', '*', malformed],
    ['another scheme', 'ftp://localhost/v1/chat/completions', malformed],
    ['a space', '/v1/chat completions', malformed],
    ['a query with a path', `${chat}?x=/v1/messages`, invalid],
    ['a query in a query', `${chat}?a?b`, invalid],
    ['a query with an escape', `${chat}?a=%26b`, invalid],
    ['a query of 257 bytes', `${chat}?${'a'.repeat(257)}`, invalid],
  ])('refuses %s', async (_name, target, expected) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key: wide, target }));
    expect(refusalIn(answer)).toEqual(expected);
  });

  it.each([
    ['absolute form', 'https://evil.example/v1/chat/completions'],
    ['a fragment', `${chat}#x`],
    ['a star', '*'],
    ['no slash', 'v1/chat/completions'],
    ['an escaped slash', '/v1%2fchat/completions'],
    ['another case', '/V1/chat/completions'],
    ['a trailing slash', `${chat}/`],
  ])('refuses %s over HTTP/2', async (_name, path) => {
    const answer = await withNothingArriving(door, () => sendHttp2To(door, wide, { ':path': path }));
    expect([0, 400, 404]).toContain(answer.status);
  });
});

describe('one host', () => {
  it.each<[name: string, host: readonly string[], expected: Refused]>([
    ['none', [], malformed],
    ['an empty one', ['host:'], invalid],
    ['two', ['host: localhost', 'host: evil.example'], invalid],
    ['the same twice', ['host: localhost', 'host: localhost'], invalid],
    ['a list', ['host: localhost, evil.example'], malformed],
    ['a path behind it', ['host: localhost/v1/models'], malformed],
    ['a fragment behind it (CVE-2026-49468)', ['host: localhost:4000/#@x'], malformed],
    ['a user before it', ['host: admin@localhost'], invalid],
    ['a query behind it', ['host: localhost?x'], malformed],
    ['a port that is none', ['host: localhost:x'], invalid],
    ['a space in it', ['host: local host'], malformed],
  ])('refuses %s', async (_name, host, expected) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key: wide, host }));
    expect(refusalIn(answer)).toEqual(expected);
  });

  it.each([
    ['an empty one', ''],
    ['a fragment behind it', 'localhost:4000/#@x'],
    ['a user before it', 'admin@localhost'],
    ['a list', 'localhost, evil.example'],
  ])('refuses %s over HTTP/2', async (_name, authority) => {
    const answer = await withNothingArriving(door, () => sendHttp2To(door, wide, { ':authority': authority }).catch(() => undefined));
    expect([0, 400]).toContain(refusalIn(answer).status);
  });

  it.each([
    ['another name', 'api.openai.com'],
    ['a trailing dot', 'localhost.'],
    ['upper case', 'LOCALHOST:443'],
    ['an address', '127.0.0.1:8443'],
    ['an IPv6 address', '[::1]:8443'],
    ['an underscore', 'my_gateway:8443'],
  ])('%s chooses nothing: the same policy, the provider’s own host', async (_name, host) => {
    const answer = await sendRawTo(door, { key: wide, host: [`host: ${host}`] });
    expect(answer?.status).toBe(200);
    expect(door.providers.alpha.requests.at(-1)?.headers[0]).toEqual(['host', door.providers.alpha.url.replace('http://', '')]);
    const refused = await withNothingArriving(door, () => sendRawTo(door, { key: lister, host: [`host: ${host}`] }));
    expect(refusalIn(refused)).toEqual(notAllowed);
  });
});
