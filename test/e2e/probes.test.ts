import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINTS, type Endpoint } from '../../src/core/operation.ts';
import { composeVirtualKey } from '../../src/policy/virtual-key.ts';
import type { KeyRecord } from '../../src/ports/key-store.ts';
import { openDoor, type Door, type LogLine } from '../support/door.ts';
import type { RawAnswer } from '../support/raw-answer.ts';
import type { Http2Answer } from '../support/raw-http2.ts';
import {
  CHAT_TEXT,
  patiently,
  refusalIn,
  sendHttp2To,
  sendRawTo,
  withNothingArriving,
  type RawAsk,
  type Refused,
} from '../support/raw-ask.ts';

let door: Door;
let key: string;
let id: string;
beforeAll(async () => {
  door = await openDoor({
    settings: (settings) => {
      settings.teams = { ...settings.teams, interns: { policy: 'narrow' } };
    },
  });
  ({ key, id } = await door.createKey());
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});

/** A whole request for an endpoint, for a model of its API. */
function requestFor({ operation, api, method, path }: Endpoint, model = api === 'openai' ? 'large' : 'claude'): RawAsk {
  const bodies: Readonly<Record<Endpoint['operation'], object | undefined>> = {
    chat: { messages: [{ role: 'user', content: 'hello' }] },
    completions: { prompt: 'hello' },
    embeddings: { input: 'hello' },
    responses: { input: 'hello' },
    messages: { messages: [{ role: 'user', content: 'hello' }], max_tokens: 64 },
    count_tokens: { messages: [{ role: 'user', content: 'hello' }] },
    models: undefined,
  };
  const body = bodies[operation];
  return { method, target: path, ...(body === undefined ? { framing: 'none', body: '' } : { body: JSON.stringify({ model, ...body }) }) };
}

const refusedFor = ({ api }: Endpoint, status: number, code: string, type: string): Refused => ({
  status,
  shape: api,
  code: api === 'openai' ? code : type,
});

const PROBES: readonly (readonly [name: string, headers: readonly string[], code: string])[] = [
  ['no key', [], 'credential_missing'],
  ['an empty bearer', ['authorization: Bearer '], 'credential_missing'],
  ['a bearer without a space', ['authorization: Bearer'], 'credential_missing'],
  ['an empty authorization', ['authorization:'], 'credential_missing'],
  ['an empty x-api-key', ['x-api-key:'], 'credential_missing'],
  ['null', ['authorization: Bearer null'], 'credential_invalid'],
  ['null in x-api-key', ['x-api-key: null'], 'credential_invalid'],
  ['undefined', ['authorization: Bearer undefined'], 'credential_invalid'],
  ['a master-like key', ['authorization: Bearer sk-1234'], 'credential_invalid'],
  ['a master-like key in x-api-key', ['x-api-key: sk-1234'], 'credential_invalid'],
  ['a key of the provider’s kind', [`authorization: Bearer sk-proj-${'a'.repeat(48)}`], 'credential_invalid'],
  ['a key of ours that was never issued', [`authorization: Bearer ${composeVirtualKey('test', randomBytes).key}`], 'credential_invalid'],
  ['the scheme Basic', ['authorization: Basic YWRtaW46YWRtaW4='], 'credential_invalid'],
  ['the scheme DPoP', ['authorization: DPoP abc'], 'credential_invalid'],
  ['a key of Google’s header', ['x-goog-api-key: AIza-anything'], 'credential_invalid'],
  ['a proxy’s credential', ['proxy-authorization: Basic YWRtaW46YWRtaW4='], 'credential_invalid'],
  ['a cookie', ['cookie: token=sk-1234'], 'credential_missing'],
];

describe.each(ENDPOINTS)('$method $path', (endpoint) => {
  it.each(PROBES)('answers 401 to %s', async (_name, headers, code) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { ...requestFor(endpoint), headers }));
    expect(refusalIn(answer)).toEqual(refusedFor(endpoint, 401, code, 'authentication_error'));
  });
});

describe.each(ENDPOINTS.filter(({ operation }) => operation !== 'models'))('$method $path', (endpoint) => {
  it('refuses a model outside of the key’s scope, whether it exists or not (X12)', async () => {
    const narrow = await door.createKey({ models: ['embed'] });
    for (const model of ['large', 'small', 'claude', 'gpt-99', 'Embed', 'embed ', 'alpha-embed']) {
      const answer = await withNothingArriving(door, () =>
        patiently(() => sendRawTo(door, { ...requestFor(endpoint, model), key: narrow.key })),
      );
      expect(refusalIn(answer)).toEqual(refusedFor(endpoint, 403, 'model_not_allowed', 'permission_error'));
    }
  });
});

describe('the scope of a key', () => {
  it.each<[name: string, send: (narrow: string) => Promise<RawAnswer | Http2Answer | undefined>]>([
    ['as bearer', (narrow) => sendRawTo(door, { key: narrow })],
    ['as x-api-key', (narrow) => sendRawTo(door, { headers: [`x-api-key: ${narrow}`] })],
    ['as api-key', (narrow) => sendRawTo(door, { headers: [`api-key: ${narrow}`] })],
    ['over HTTP/2', (narrow) => sendHttp2To(door, narrow)],
    ['chunked', (narrow) => sendRawTo(door, { key: narrow, framing: 'chunked' })],
    ['streamed', (narrow) => sendRawTo(door, { key: narrow, body: CHAT_TEXT.replace('}]}', '}],"stream":true}') })],
    [
      'with the model’s name escaped',
      (narrow) => sendRawTo(door, { key: narrow, body: CHAT_TEXT.replace('large', String.raw`l\u0061rge`) }),
    ],
  ])('holds %s: a key for `small` asks for `large`', async (_name, send) => {
    const narrow = await door.createKey({ models: ['small'] });
    expect((await withNothingArriving(door, () => patiently(() => send(narrow.key))))?.status).toBe(403);
  });

  it.each<[name: string, record: Partial<KeyRecord>]>([
    ['names a model beside those of its policy', { policy: 'narrow', models: ['large', 'small'] }],
    ['names every model', { policy: 'narrow', models: ['*'] }],
    ['has a wider policy than its team', { policy: 'standard', team: 'interns' }],
    ['has a wider policy and names the model', { policy: 'standard', team: 'interns', models: ['large', 'small'] }],
  ])('never widens what its team and policy allow: a key that %s (X7)', async (_name, record) => {
    const made = await door.createKey(record);
    const answer = await withNothingArriving(door, () => patiently(() => sendRawTo(door, { key: made.key })));
    expect(refusalIn(answer)).toEqual({ status: 403, shape: 'openai', code: 'model_not_allowed' });
    expect((await sendRawTo(door, { key: made.key, body: CHAT_TEXT.replace('large', 'small') }))?.status).toBe(200);
  });

  it.each([
    ['no policy at all', { team: undefined }],
    ['a team that is not declared', { team: 'nobody' }],
    ['a policy that is not declared', { policy: 'gone' }],
  ])('without a mapping to a policy denies: %s', async (_name, record) => {
    const lost = await door.createKey(record);
    const answer = await withNothingArriving(door, () => patiently(() => sendRawTo(door, { key: lost.key })));
    expect(refusalIn(answer)).toEqual({ status: 403, shape: 'openai', code: 'policy_missing' });
  });
});

/** A busy machine's store may be late for a key that is read for the first time; bytes that are no key never get so far. */
const isFault = (line: LogLine): boolean =>
  line['disposition'] === 'faulted' && !/\b(?:key store|ledger): timeout/.test(String(line['detail']));

describe('key bytes (X2)', () => {
  const secretPart = 'A'.repeat(48);
  it.each<[name: string, text: (key: string) => string]>([
    ['a quote', () => `vk_test_' OR '1'='1`],
    ['a quote and a comment', () => `vk_test_${secretPart}';--`],
    ['a double quote', () => `vk_test_"${secretPart}`],
    ['a semicolon', (real) => `${real};DROP TABLE keys`],
    ['a percent sign', () => 'vk_test_%'],
    ['an underscore', () => `vk_test_${'_'.repeat(48)}`],
    ['braces', () => 'vk_test_{{7*7}}${7*7}#{7*7}'],
    ['a backslash', () => String.raw`vk_test_\x00\n`],
    ['an escaped NUL', (real) => `${real}%00`],
    ['a Latin-1 letter', (real) => `${real}\u00e9`],
    ['UTF-8 bytes', (real) => `${real}\u00c3\u00a9`],
    ['another letter', (real) => real.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['one letter less', (real) => real.slice(0, -1)],
    ['one letter more', (real) => `${real}A`],
    ['upper case', (real) => real.toUpperCase()],
    ['another environment', (real) => real.replace('vk_test_', 'vk_live_')],
    ['only its prefix', () => 'vk_'],
    ['only its id', () => `vk_test_${id}`],
    ['8 KiB', () => `vk_test_${'A'.repeat(8_192)}`],
    ['a space inside', (real) => `${real.slice(0, 20)} ${real.slice(20)}`],
    ['a tab inside', (real) => `${real.slice(0, 20)}\t${real.slice(20)}`],
    ['two spaces before it', (real) => ` ${real}`],
  ])('with %s: 401, and no fault', async (_name, text) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { headers: [`authorization: Bearer ${text(key)}`] }));
    expect(refusalIn(answer)).toEqual({ status: 401, shape: 'openai', code: 'credential_invalid' });
  });

  it.each<[name: string, text: (key: string) => string, status: number]>([
    ['a NUL', (real) => `${real}\0`, 400],
    ['a control character', (real) => `${real}\u0001`, 400],
    ['a line feed and a header', (real) => `x\nx-api-key: ${real}`, 401],
    ['CR LF and a header', (real) => `x\r\nx-api-key: ${real}`, 401],
    ['a folded line', (real) => `x\r\n ${real}`, 401],
  ])('with %s: refused', async (_name, text, status) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { headers: [`authorization: Bearer ${text(key)}`] }));
    expect(refusalIn(answer).status).toBe(status);
  });

  it('the stored digest is no credential, in any form (X9)', async () => {
    const record = await door.store.find(id);
    const [digest = ''] = record?.digests ?? [];
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const forms = [
      digest,
      `vk_${digest}`,
      `vk_test_${id}${digest.slice(0, 38)}`,
      Buffer.from(digest, 'hex').toString('base64'),
      `sha256:${digest}`,
    ];
    for (const form of forms) {
      for (const header of [`authorization: Bearer ${form}`, `x-api-key: ${form}`]) {
        const answer = await withNothingArriving(door, () => sendRawTo(door, { headers: [header] }));
        expect(refusalIn(answer)).toEqual({ status: 401, shape: 'openai', code: 'credential_invalid' });
      }
    }
  });

  it('left no fault in the log', () => {
    expect(door.exchanges().filter(isFault)).toEqual([]);
  });
});
