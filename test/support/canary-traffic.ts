import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { KeyRecord } from '../../src/ports/key-store.ts';
import type { Canary } from './canaries.ts';
import { PROVIDER_KEYS, type Door } from './door.ts';
import type { Identities } from './identities.ts';
import type { Behaviour } from './provider-behaviour.ts';
import { TELLTALE_HEADERS } from './provider-behaviour.ts';
import { CHAT_TEXT, MESSAGE_TEXT, rawBytes, rawTarget, sendHttp2To, type RawAsk } from './raw-ask.ts';
import { openRaw, type RawTarget } from './raw-http.ts';
import { until } from './wait.ts';

/** All that was secret, and all that clients and operators got to see. */
export interface Revealed {
  readonly canaries: readonly Canary[];
  /** The bytes of every answer, heads and bodies. */
  readonly answers: readonly Buffer[];
  /** Statuses, by what was asked. */
  readonly statuses: ReadonlyMap<string, number>;
  /** What commands printed. */
  readonly commands: string;
}

type AskOf = (key: string) => RawAsk;
const bearer =
  (changes: RawAsk = {}): AskOf =>
  (key) => ({ key, ...changes });
const header =
  (line: (key: string) => string, changes: RawAsk = {}): AskOf =>
  (key) => ({ headers: [line(key)], ...changes });
const quoting = (status: number, key: string): Behaviour => ({
  kind: 'status',
  status,
  body: { error: { message: `Incorrect API key provided: ${key}.`, type: 'invalid_request_error', code: 'invalid_api_key' } },
  headers: [['www-authenticate', `Bearer realm="${key}"`], ...TELLTALE_HEADERS],
});

interface KeyRow {
  readonly ask: AskOf;
  readonly record?: Partial<KeyRecord>;
  /** What the provider `alpha` does. */
  readonly alpha?: Behaviour;
  readonly status: number;
}

const chat = (model: string): string => CHAT_TEXT.replace('large', model);
const tooLarge: RawAsk = { framing: 'none', body: '', headers: ['content-length: 67108864'] };

/** One virtual key each, so that a find names the way it got out. */
export const KEY_ROWS: Readonly<Record<string, KeyRow>> = {
  chat: { ask: bearer(), status: 200 },
  stream: { ask: bearer({ body: CHAT_TEXT.replace('}]}', '}],"stream":true}') }), status: 200 },
  embedding: { ask: bearer({ target: '/v1/embeddings', body: '{"model":"embed","input":"hello"}' }), status: 200 },
  listing: { ask: bearer({ method: 'GET', target: '/v1/models', framing: 'none', body: '' }), status: 200 },
  message: {
    ask: (key) => ({ target: '/v1/messages', body: MESSAGE_TEXT, headers: [`x-api-key: ${key}`, 'anthropic-version: 2023-06-01'] }),
    status: 200,
  },
  'api-key': { ask: header((key) => `api-key: ${key}`), status: 200 },
  'another model': { ask: bearer({ body: chat('gpt-99') }), status: 403 },
  'another path': { ask: bearer({ target: '/v1/images' }), status: 404 },
  'another method': { ask: bearer({ method: 'PUT' }), status: 405 },
  'no body': { ask: bearer({ framing: 'none', body: '' }), status: 400 },
  'half a body': { ask: bearer({ body: '{"model":' }), status: 400 },
  'a forbidden field': { ask: bearer({ body: CHAT_TEXT.replace(/\}$/, ',"api_base":"x"}') }), status: 400 },
  'a coding': { ask: bearer({ headers: ['content-encoding: gzip'] }), status: 415 },
  'too large': { ask: bearer(tooLarge), status: 413 },
  expired: { ask: bearer(), record: { expiresAtMs: 1_000_000_000_000 }, status: 401 },
  revoked: { ask: bearer(), record: { revokedAtMs: 1_000_000_000_000 }, status: 401 },
  'without a policy': { ask: bearer(), record: { team: undefined }, status: 403 },
  'another operation': { ask: bearer(), record: { operations: ['models'] }, status: 403 },
  'another network': { ask: bearer(), record: { networks: ['203.0.113.0/24'] }, status: 403 },
  'in the query': { ask: (key) => ({ target: `/v1/chat/completions?key=${key}` }), status: 401 },
  'in the query, encoded name': { ask: (key) => ({ target: `/v1/chat/completions?%6bey=${key}` }), status: 401 },
  'in the query, too large': { ask: (key) => ({ target: `/v1/messages?access_token=${key}`, ...tooLarge }), status: 401 },
  'in x-goog-api-key': { ask: header((key) => `x-goog-api-key: ${key}`), status: 401 },
  'in proxy-authorization': { ask: header((key) => `proxy-authorization: Bearer ${key}`), status: 401 },
  'in Basic': { ask: header((key) => `authorization: Basic ${Buffer.from(`key:${key}`).toString('base64')}`), status: 401 },
  'with another scheme': { ask: header((key) => `authorization: Token ${key}`), status: 401 },
  'in a cookie': { ask: header((key) => `cookie: session=${key}`), status: 401 },
  twice: { ask: (key) => ({ key, headers: [`x-api-key: ${key}`] }), status: 401 },
  'joined by a comma': { ask: header((key) => `authorization: Bearer ${key}, Bearer ${key}`), status: 401 },
  'one letter more': { ask: header((key) => `authorization: Bearer ${key}A`), status: 401 },
  'over a bad header': { ask: bearer({ headers: ['x_key: 1'] }), status: 400 },
  'over HTTP/1.0': { ask: bearer({ version: 'HTTP/1.0' }), status: 426 },
  'in a WebSocket handshake': { ask: bearer({ headers: ['connection: upgrade', 'upgrade: websocket'] }), status: 403 },
  'in too large headers': { ask: bearer({ headers: [`x-large: ${'a'.repeat(33_000)}`] }), status: 431 },
  'provider refuses its key': { ask: bearer(), alpha: quoting(401, PROVIDER_KEYS.alpha), status: 502 },
  'provider forbids': { ask: bearer(), alpha: quoting(403, PROVIDER_KEYS.alpha), status: 502 },
  'provider resets': { ask: bearer({ body: chat('small') }), alpha: { kind: 'reset-at-arrival' }, status: 503 },
  'provider tells of itself': { ask: bearer(), alpha: { kind: 'headers', headers: TELLTALE_HEADERS }, status: 200 },
  'second provider': { ask: bearer({ body: chat('spare') }), alpha: { kind: 'status', status: 503 }, status: 200 },
  'store away': { ask: bearer(), status: 503 },
};

/** Sends everything that can make somebody say too much. */
export async function reveal(door: Door, identities: Identities): Promise<Revealed> {
  const canaries: Canary[] = [];
  const answers: Buffer[] = [];
  const statuses = new Map<string, number>();
  const secret = (name: string, value: string): string => {
    canaries.push({ name, value });
    return value;
  };
  const send = async (name: string, asked: RawAsk, target: RawTarget = rawTarget(door)): Promise<void> => {
    using connection = await openRaw(target);
    await connection.send(rawBytes(asked));
    const answer = await connection.answer();
    statuses.set(name, answer?.status ?? 0);
    answers.push(connection.received());
  };

  for (const [name, value] of Object.entries(PROVIDER_KEYS)) {
    secret(`key of ${name}`, value);
  }
  secret('pepper', readFileSync(door.directory.file('secrets/pepper'), 'utf8').trim());
  for (const pair of ['ca', 'server', 'clientSpiffe', 'strangerCa'] as const) {
    secret(`private key of ${pair}`, door.certificates[pair].key.replaceAll(/-----[^-]+-----|\s/g, ''));
  }
  let commands = '';
  for (const [name, row] of Object.entries(KEY_ROWS)) {
    const { key } = await door.createKey(row.record);
    const takeBack = row.alpha === undefined ? undefined : door.providers.alpha.behave(row.alpha);
    const putBack = name === 'store away' ? await hideStore(door, key) : undefined;
    secret(`virtual key, ${name}`, key);
    const isAsMeant = async (): Promise<boolean> => {
      await send(name, row.ask(key));
      return statuses.get(name) === row.status;
    };
    await until(isAsMeant, { deadlineMs: 10_000, what: `${name} to be answered ${String(row.status)}` });
    putBack?.();
    takeBack?.();
    const answer = await sendHttp2To(door, key, { 'x-again': 'over HTTP/2' });
    answers.push(Buffer.from(JSON.stringify(answer.headers)), answer.body);
    if (name === 'chat') {
      commands += await printed(door, key);
    }
  }
  await sendTokens(door, identities, secret, send);
  await sendOthers(secret, send);
  await rotate(door, secret, send);
  return { canaries, answers, statuses, commands };
}

type Secret = (name: string, value: string) => string;
type Send = (name: string, asked: RawAsk, target?: RawTarget) => Promise<void>;

/** Until the sidecar, too, has noticed; gives how to put it back. */
async function hideStore(door: Door, key: string): Promise<() => void> {
  const { path } = door.settings.store;
  const move = (from: string, to: string): void => {
    for (const suffix of ['', '-wal', '-shm']) {
      renameSync(`${path}${from}${suffix}`, `${path}${to}${suffix}`);
    }
  };
  move('', '.away');
  await until(async () => (await sendHttp2To(door, key)).status === 503, { deadlineMs: 10_000, what: 'the store to be missed' });
  return () => {
    move('.away', '');
  };
}

async function printed(door: Door, key: string): Promise<string> {
  const runs = [
    await door.sallyport('keys', 'list'),
    await door.sallyport('keys', 'list', '--json'),
    await door.sallyport('keys', 'revoke', `${key}A`),
    await door.sallyport('block', '--key', key, '--reason', 'a test'),
    await door.sallyport('unblock', '--key', key),
    await door.sallyport('keys', 'revoke', key),
  ];
  return runs.map(({ stdout, stderr }) => stdout + stderr).join('');
}

async function sendTokens(door: Door, identities: Identities, secret: Secret, send: Send): Promise<void> {
  const now = Math.floor(Date.now() / 1_000);
  const tokens: Readonly<Record<string, string>> = {
    'token, good': identities.token({ client_id: 'billing' }),
    'token, expired': identities.token({ exp: now - 3_600 }),
    'token, for somebody else': identities.token({ aud: 'another' }),
    'token, without scope': identities.token({ scope: 'openid' }),
    'token, altered': identities.token().replace(/.{5}$/, 'AAAAA'),
  };
  for (const [name, token] of Object.entries(tokens)) {
    await send(name, { key: secret(name, token) });
  }
  const { cert, key } = door.certificates.clientSpiffe;
  await send('certificate', {}, { port: door.port, tls: { ca: door.certificates.ca.cert, cert, key } });
}

const random = (): string => crypto.randomUUID().replaceAll('-', '');

/** What clients send by mistake: credentials that were never ours. */
async function sendOthers(secret: Secret, send: Send): Promise<void> {
  const lines: Readonly<Record<string, (value: string) => RawAsk>> = {
    'a provider’s key': (value) => ({ key: `sk-proj-${value}` }),
    'a password': (value) => ({ headers: [`authorization: Basic ${Buffer.from(`admin:${value}`).toString('base64')}`] }),
    'a password for a proxy': (value) => ({ headers: [`proxy-authorization: Basic ${Buffer.from(`me:${value}`).toString('base64')}`] }),
    'a DPoP token': (value) => ({ headers: [`authorization: DPoP ${value}`] }),
    'a session': (value) => ({ headers: [`cookie: id=${value}`] }),
    'a Google key': (value) => ({ headers: [`x-goog-api-key: AIza${value}`] }),
    'a token in the query': (value) => ({ target: `/v1/chat/completions?token=${value}`, ...tooLarge }),
    'a key in the body': (value) => ({ body: CHAT_TEXT.replace(/\}$/, `,"api_key":"sk-${value}"}`) }),
  };
  for (const [name, ask] of Object.entries(lines)) {
    await send(name, ask(secret(name, random())));
  }
}

async function rotate(door: Door, secret: Secret, send: Send): Promise<void> {
  const { key } = await door.createKey();
  for (const name of ['alpha', 'claude'] as const) {
    const renewed = secret(`renewed key of ${name}`, `sk-${name}-${crypto.randomUUID()}`);
    door.providers[name].setKeys(renewed);
    writeFileSync(door.directory.file(`secrets/${name}`), `${renewed}\n`, { mode: 0o600 });
    const asked = name === 'alpha' ? { key } : { key, target: '/v1/messages', body: MESSAGE_TEXT };
    const isServed = async (): Promise<boolean> => {
      await send(`after rotation of ${name}`, asked);
      return door.providers[name].requests.at(-1)?.headers.some(([, value]) => value.endsWith(renewed)) === true;
    };
    await until(isServed, { deadlineMs: 10_000, what: 'the renewed key to reach the provider' });
  }
}
