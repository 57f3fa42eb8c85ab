import { randomBytes } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { openKeyStore, type KeyStore } from '../../src/adapters/sqlite/key-store.ts';
import { openAdminServer } from '../../src/admin/admin-server.ts';
import type { AdminRecord, AdminSource } from '../../src/admin/admin-source.ts';
import { parseSettings } from '../../src/config/load.ts';
import type { OperatorRecord, OperatorRole } from '../../src/core/operator.ts';
import { composeOperatorToken } from '../../src/policy/operator-token.ts';
import { digestKey } from '../../src/policy/virtual-key.ts';
import { openMemoryLedger, type MemoryLedger } from './memory-ledger.ts';
import { makeTempDir } from './temp-dir.ts';

const pepper = 'a pepper for tests only';

const SETTINGS = `
version: 1
listen: { grpc: unix:grpc.sock, sds: unix:sds.sock, admin: unix:admin.sock, health: 127.0.0.1:0 }
edge: { listen: 127.0.0.1:0, certificate: file:tls.pem }
store: sqlite:store.db
providers: { alpha: { api: openai, url: 'https://alpha.example', credential: none } }
models:
  large: { targets: [{ provider: alpha, model: large }], approval: required }
  small: { targets: [{ provider: alpha, model: small }] }
identity: { virtualKeys: { pepper: 'file:pepper' } }
policies: { standard: { models: ['*'] } }
teams: { finance: { policy: standard } }
`;

export interface AdminAnswered {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
  /** Of an error. */
  readonly code: string | undefined;
  readonly json: unknown;
}

export interface AdminAsk {
  readonly token?: string | undefined;
  readonly method?: string;
  readonly path: string;
  /** Objects are sent as JSON. */
  readonly body?: string | Buffer | object;
  /** Beside those of a token and a body, or in their place. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** The admin API on a socket of this process, over a real store. */
export interface TestAdmin extends AsyncDisposable {
  readonly socket: string;
  readonly store: KeyStore;
  readonly ledger: MemoryLedger;
  readonly records: readonly AdminRecord[];
  /** Sets the time of the API. */
  at(nowMs: number): void;
  createOperator(
    name: string,
    role: OperatorRole,
    changes?: Partial<OperatorRecord>,
  ): Promise<{ readonly token: string; readonly id: string }>;
  ask(asked: AdminAsk): Promise<AdminAnswered>;
}

/** Noon UTC, later than any run of the tests: the store compares with its own clock. */
export const adminNowMs = Date.UTC(2126, 10, 21, 12);

export async function openTestAdmin(changes: Partial<AdminSource> = {}): Promise<TestAdmin> {
  const directory = makeTempDir();
  const settings = parseSettings(SETTINGS, directory.file('sallyport.yaml'));
  const [socket = ''] = settings.listen.admin;
  const store = await openKeyStore({ path: settings.store.path, readWaitMs: 10_000 });
  const ledger = openMemoryLedger(adminNowMs);
  const records: AdminRecord[] = [];
  let nowMs = adminNowMs;
  const server = await openAdminServer(socket, {
    store,
    ledger: ledger.open(),
    digest: (token) => digestKey(pepper, token),
    settings: () => settings,
    clock: () => nowMs,
    randomBytes,
    record: (call) => records.push(call),
    ...changes,
  });
  return {
    socket,
    store,
    ledger,
    records,
    at: (ms) => {
      nowMs = ms;
    },
    createOperator: async (name, role, more) => {
      const { token, id } = composeOperatorToken(randomBytes);
      const times = { createdAtMs: adminNowMs, expiresAtMs: adminNowMs + 86_400_000, revokedAtMs: undefined };
      await store.createOperator({ id, name, role, digest: digestKey(pepper, token), ...times, ...more });
      return { token, id };
    },
    ask: (asked) => askSocket(socket, asked),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await store.close();
      directory.remove();
    },
  };
}

/** One call on a connection of its own. Rejects where the connection ends without an answer. */
export async function askSocket(socketPath: string, { token, method = 'GET', path, body, headers = {} }: AdminAsk): Promise<AdminAnswered> {
  const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const call = request({
    socketPath,
    method,
    path,
    agent: false,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])),
    },
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve).once('error', reject);
  });
  call.end(bytes);
  return read(await response);
}

const errorShape = z.object({ error: z.object({ code: z.string(), message: z.string().min(10) }) });

async function read(response: IncomingMessage): Promise<AdminAnswered> {
  let text = '';
  for await (const piece of response.setEncoding('utf8')) {
    text += String(piece);
  }
  const type = response.headers['content-type'];
  const json: unknown = type === 'application/json' && text !== '' ? JSON.parse(text) : undefined;
  return { status: response.statusCode ?? 0, type, text, code: errorShape.safeParse(json).data?.error.code, json };
}
