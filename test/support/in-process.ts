import {
  Client,
  credentials,
  Metadata,
  type ClientDuplexStream,
  type MethodDefinition,
  type status,
  type StatusObject,
} from '@grpc/grpc-js';
import { parseSettings } from '../../src/config/load.ts';
import { routingVersion } from '../../src/config/fingerprint.ts';
import { STAGE_METADATA } from '../../src/core/headers.ts';
import { Secret } from '../../src/core/secret.ts';
import { pepperName, type Ports } from '../../src/pipeline/ports.ts';
import { openSeals } from '../../src/pipeline/seals.ts';
import { bodiesHere, noGuards } from './bodies.ts';
import { composeVirtualKey, digestKey } from '../../src/policy/virtual-key.ts';
import { TokenKeysError } from '../../src/ports/token-keys.ts';
import type { KeyRecord } from '../../src/ports/key-store.ts';
import type { ExchangeRecord, Telemetry } from '../../src/ports/telemetry.ts';
import { openCalendar } from '../../src/core/calendar.ts';
import { next } from '../../src/core/outcome.ts';
import { prepareDecisions } from '../../src/prepare.ts';
import { authorizationService } from '../../src/wire/authz-service.ts';
import { AUTHORIZATION, EXTERNAL_PROCESSOR } from '../../src/wire/services.ts';
import type { ProcessingResponseMessage } from '../../src/wire/messages.ts';
import { externalProcessorService, type ProcService } from '../../src/wire/proc-service.ts';
import { openGrpcServer } from '../../src/wire/server.ts';
import type { EnvoyRequest } from './envoy-messages.ts';
import { makeTempDir } from './temp-dir.ts';
import { within } from './wait.ts';

const callDeadlineMs = 10_000;
export const messageBytesMax = 1_048_576;

const SETTINGS = `
version: 1
listen: { grpc: 'unix:g.sock', sds: 'unix:s.sock', health: '127.0.0.1:0' }
edge: { listen: '127.0.0.1:0', certificate: 'file:tls.pem', bodyMax: 64KiB }
store: sqlite:state.db
providers:
  alpha: { api: openai, url: 'https://alpha.example/api/v1', credential: { secret: 'file:alpha' } }
  beta: { api: openai, url: 'https://beta.example', credential: { secret: 'file:beta' } }
models:
  large: { targets: [{ provider: alpha, model: alpha-large }, { provider: beta, model: beta-large }] }
  small: { targets: [{ provider: beta, model: beta-small }] }
identity: { virtualKeys: { pepper: 'file:pepper' } }
policies: { standard: { models: ['*'] } }
clients: { app: { policy: standard } }
`;

/** One gRPC call as it ended: what was answered, and the status. */
export interface Conversation {
  readonly replies: readonly ProcessingResponseMessage[];
  readonly code: status;
}

export interface InProcess extends AsyncDisposable {
  /** A virtual key that may use everything. */
  readonly key: string;
  readonly proc: ProcService;
  readonly records: readonly ExchangeRecord[];
  /** Exchanges that were opened and not closed. */
  readonly open: () => number;
  /** What Envoy sends with each stream of a stage. */
  readonly metadata: (stage: string, target?: string) => Metadata;
  readonly check: (request: unknown) => Promise<unknown>;
  readonly process: (metadata: Metadata) => ProcStream;
  /** Sends all messages at once, half-closes unless told otherwise, and waits for the end of the stream. */
  readonly converse: (metadata: Metadata, messages: readonly EnvoyRequest[], halfClose?: boolean) => Promise<Conversation>;
  /** As `converse`, with the bytes of one message. */
  readonly sendBytes: (metadata: Metadata, bytes: Buffer) => Promise<Conversation>;
}

export type ProcStream = ClientDuplexStream<unknown, ProcessingResponseMessage>;

/** The decision services on a unix socket of this process; everything they ask is at hand and never fails. `edit` changes the settings. */
export async function openInProcess(changes: Partial<Ports> = {}, edit = (text: string): string => text): Promise<InProcess> {
  const directory = makeTempDir();
  const settings = parseSettings(edit(SETTINGS), directory.file('sallyport.yaml'));
  const decisions = prepareDecisions(settings);
  const pepper = new Secret('a pepper for tests only');
  const { key, record } = makeKey(pepper);
  const secrets = new Map([
    [pepperName, pepper],
    ['alpha', new Secret('sk-alpha')],
    ['beta', new Secret('sk-beta')],
  ]);
  const records: ExchangeRecord[] = [];
  const { telemetry, open } = recordingTelemetry(records);
  const held = { served: (name: string) => secrets.get(name), reject: () => undefined };
  const ports: Ports = {
    clock: () => Date.now(),
    settings: () => decisions,
    keys: {
      find: (id) => Promise.resolve(id === record.id ? record : undefined),
      blocks: () => Promise.resolve([]),
    },
    approvals: { approvals: () => [] },
    tokenKeys: { verify: () => Promise.reject(new TokenKeysError('no_keys')), readiness: () => new Map() },
    credentials: held,
    seals: openSeals(held, Date.now),
    holds: { take: () => Promise.resolve(next(undefined)) },
    calendar: openCalendar(),
    tokens: { count: () => Promise.resolve(undefined) },
    ...bodiesHere,
    guards: noGuards,
    ...changes,
  };
  const proc = externalProcessorService(ports, telemetry);
  const path = directory.file('grpc.sock');
  const server = await openGrpcServer(
    { kind: 'unix', path },
    [
      { definition: AUTHORIZATION, implementation: authorizationService(ports, telemetry) },
      { definition: EXTERNAL_PROCESSOR, implementation: proc.implementation },
    ],
    messageBytesMax,
  );
  const client = new Client(`unix:${path}`, credentials.createInsecure());
  const version = routingVersion(settings);
  const metadata = (stage: string, target?: string): Metadata => {
    const made = new Metadata();
    made.set(STAGE_METADATA.stage, stage);
    made.set(STAGE_METADATA.config, version);
    if (target !== undefined) {
      made.set(STAGE_METADATA.target, target);
    }
    return made;
  };
  return {
    key,
    proc,
    records,
    open,
    metadata,
    check: (request) => unary(client, methodOf(AUTHORIZATION, 'Check'), request),
    process: (sent) => duplex(client, sent, (message) => methodOf(EXTERNAL_PROCESSOR, 'Process').requestSerialize(message)),
    converse: (sent, messages, halfClose = true) => {
      const stream = duplex(client, sent, (message) => methodOf(EXTERNAL_PROCESSOR, 'Process').requestSerialize(message));
      return conversationOf(stream, messages, halfClose);
    },
    sendBytes: (sent, bytes) =>
      conversationOf(
        duplex(client, sent, () => bytes),
        [{}],
        false,
      ),
    [Symbol.asyncDispose]: async () => {
      client.close();
      await server.drain(0);
      directory.remove();
    },
  };
}

type Method = MethodDefinition<unknown, ProcessingResponseMessage>;

function methodOf(service: Readonly<Record<string, Method>>, name: string): Method {
  const method = service[name];
  if (method === undefined) {
    throw new Error(`no method ${name}`);
  }
  return method;
}

const duplex = (client: Client, metadata: Metadata, serialize: (message: unknown) => Buffer): ProcStream => {
  const { path, responseDeserialize } = methodOf(EXTERNAL_PROCESSOR, 'Process');
  return client.makeBidiStreamRequest(path, serialize, responseDeserialize, metadata, { deadline: Date.now() + callDeadlineMs });
};

async function conversationOf(stream: ProcStream, messages: readonly EnvoyRequest[], halfClose: boolean): Promise<Conversation> {
  const replies: ProcessingResponseMessage[] = [];
  stream.on('data', (reply: ProcessingResponseMessage) => replies.push(reply));
  // The status says the same; without a listener an error would end the test.
  stream.on('error', () => undefined);
  const ended = new Promise<StatusObject>((resolve) => stream.once('status', resolve));
  for (const message of messages) {
    stream.write(message);
  }
  if (halfClose) {
    stream.end();
  }
  const { code } = await within(ended, { deadlineMs: callDeadlineMs, what: 'the end of the stream' });
  return { replies, code };
}

function unary(client: Client, method: Method, request: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      (message: unknown) => (Buffer.isBuffer(message) ? message : method.requestSerialize(message)),
      method.responseDeserialize,
      request,
      (error, response) => {
        if (error === null) {
          resolve(response);
        } else {
          reject(error);
        }
      },
    );
  });
}

function makeKey(pepper: Secret): { readonly key: string; readonly record: KeyRecord } {
  const composed = composeVirtualKey('test', (count) => crypto.getRandomValues(new Uint8Array(count)));
  return {
    key: composed.key,
    record: {
      id: composed.id,
      environment: 'test',
      name: 'a key',
      client: 'app',
      team: undefined,
      tier: undefined,
      user: undefined,
      policy: undefined,
      models: undefined,
      operations: undefined,
      networks: undefined,
      digests: [digestKey(pepper.reveal(), composed.key)],
      createdAtMs: 0,
      expiresAtMs: undefined,
      revokedAtMs: undefined,
    },
  };
}

export const nothing = (): void => undefined;

export function recordingTelemetry(records: ExchangeRecord[]): { readonly telemetry: Telemetry; readonly open: () => number } {
  let open = 0;
  return {
    open: () => open,
    telemetry: {
      exchange: (record) => void records.push(record),
      exchangeOpened: () => {
        open += 1;
      },
      exchangeClosed: () => {
        open -= 1;
      },
      configurationMismatch: nothing,
      responseUnseen: nothing,
      credentialRejected: nothing,
      rewrite: nothing,
      keysPushed: nothing,
      hold: nothing,
      limitReached: nothing,
      guardAnswered: nothing,
    },
  };
}
