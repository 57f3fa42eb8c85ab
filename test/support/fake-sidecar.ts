import {
  Server,
  ServerCredentials,
  status as rpc,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { AUTHORIZATION, EXTERNAL_PROCESSOR } from '../../src/wire/services.ts';
import type { CheckResponseMessage, ProcessingRequestMessage, ProcessingResponseMessage } from '../../src/wire/messages.ts';
import { rawHeader } from '../../src/wire/refusal.ts';
import { continueToBody } from '../../src/wire/pass.ts';
import { toStruct } from '../../src/wire/struct.ts';
import type { Config } from './envoy-variants.ts';

/** Key of the gRPC initial metadata by which Envoy's configuration picks a behaviour. */
const behaviourKey = 'x-fake';
const clusterName = 'fake';

export type CheckBehaviour = 'empty' | 'ok' | 'ok-and-denied' | 'hang' | 'error' | 'remember' | 'replay' | 'alter' | 'forge' | 'blank';
export type ProcessBehaviour =
  | 'close-ok'
  | 'close-ok-at-body'
  | 'error'
  | 'error-at-body'
  | 'hang'
  | 'hang-at-body'
  | 'no-decision'
  | 'route-without-allow'
  | 'order-without-allow'
  | 'allow-another'
  | 'order-to-ungated'
  | 'allow'
  | 'body-first'
  | 'response-first'
  | 'twice'
  | 'no-status';

export interface FakeSidecar extends AsyncDisposable {
  /** The cluster that Envoy's configuration needs to reach it. */
  readonly cluster: Config;
  /** The seals that `remember` saw, oldest first. */
  readonly seals: readonly string[];
}

/** The gRPC service of a stage that is to meet this behaviour. */
export const fakeService = (behaviour: CheckBehaviour | ProcessBehaviour): Config => ({
  envoy_grpc: { cluster_name: clusterName },
  timeout: '2s',
  initial_metadata: [{ key: behaviourKey, value: behaviour }],
});

/** What a decision would have led to: the values that only a real one gives. */
export interface FakeRelease {
  readonly route: string;
  readonly authority: string;
  /** A cluster whose gate was taken away. */
  readonly ungated: string;
}

/** A sidecar that answers wrongly on purpose, on a unix socket. */
export async function startFakeSidecar(socket: string, release: () => FakeRelease): Promise<FakeSidecar> {
  const seals: string[] = [];
  const server = new Server();
  server.addService(withRawRequests(AUTHORIZATION), {
    Check: (call: ServerUnaryCall<Buffer, CheckResponseMessage | object>, reply: sendUnaryData<CheckResponseMessage | object>): void => {
      check(behaviourOf(call.metadata.get(behaviourKey)), call.request, seals, reply);
    },
  });
  server.addService(EXTERNAL_PROCESSOR, {
    Process: (stream: ProcStream): void => {
      process(behaviourOf(stream.metadata.get(behaviourKey)), stream, release());
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => {
      if (error === null) {
        resolve();
      } else {
        reject(error);
      }
    });
  });
  return {
    cluster: fakeCluster(socket),
    seals,
    [Symbol.asyncDispose]: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

const behaviourOf = (values: readonly (string | Buffer)[]): string => values.map(String).join();

/** Our definitions know only what the sidecar reads; the seal of another filter is in a part they leave out. */
function withRawRequests(definition: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => [name, { ...method, requestDeserialize: (bytes: Buffer): Buffer => bytes }]),
  );
}

/** A MAC, then the list that it proves (src/policy/seal.ts). */
const sealPattern = /[\w-]{43}\[\d+,[^\]]*\]/;

function check(behaviour: string, request: Buffer, seals: string[], reply: sendUnaryData<CheckResponseMessage | object>): void {
  const allow = (seal?: string): void => {
    const metadata = seal === undefined ? {} : { dynamic_metadata: toStruct({ sallyport_caller: seal }) };
    reply(null, { status: { code: 0 }, ok_response: { headers_to_remove: [] }, ...metadata });
  };
  const present = sealIn(request);
  switch (behaviour) {
    case 'empty':
      reply(null, {});
      return;
    case 'ok':
      allow();
      return;
    case 'ok-and-denied':
      reply(null, { status: { code: 0 }, denied_response: { status: { code: 401 }, headers: [], body: '' } });
      return;
    case 'remember':
      seals.push(present);
      allow();
      return;
    case 'replay':
      allow(seals.at(-1) ?? '');
      return;
    case 'alter':
      // Another caller under the old signature; without a seal to alter there would be no test.
      if (present.includes('test-app')) {
        allow(present.replace('test-app', 'admin-app'));
      } else {
        reply({ code: rpc.INTERNAL, details: 'no seal to alter' });
      }
      return;
    case 'forge':
      allow(`${'A'.repeat(43)}[${String(Date.now())},"",{"kind":"key","client":"test-app","team":"finance"}]`);
      return;
    case 'blank':
      allow('');
      return;
    case 'hang':
      return;
    default:
      reply({ code: rpc.INTERNAL, details: 'as asked' });
  }
}

const sealIn = (request: Buffer): string => sealPattern.exec(request.toString('latin1'))?.[0] ?? '';

type ProcStream = ServerDuplexStream<ProcessingRequestMessage, ProcessingResponseMessage | object>;

function process(behaviour: string, stream: ProcStream, release: FakeRelease): void {
  stream.on('error', () => undefined);
  stream.on('end', () => stream.end());
  const onHeaders = headersReplies[behaviour] ?? ((): void => void stream.write(continueToBody()));
  const onBody = bodyReplies[behaviour] ?? ((): void => undefined);
  stream.on('data', (message: ProcessingRequestMessage) => {
    if (message.request_headers !== undefined) {
      onHeaders(stream);
    } else if (message.request_body !== undefined) {
      onBody(stream, release);
    } else {
      // The response phases, where a request came so far.
      stream.write(message.response_headers === undefined ? { response_body: { response: {} } } : { response_headers: { response: {} } });
    }
  });
}

const fail = (stream: ProcStream): void => {
  stream.emit('error', { code: rpc.INTERNAL, details: 'as asked' });
};
const closeInOrder = (stream: ProcStream): void => {
  stream.end();
};

const headersReplies: Readonly<Record<string, (stream: ProcStream) => void>> = {
  'close-ok': closeInOrder,
  error: fail,
  hang: () => undefined,
  'body-first': (stream) => stream.write({ request_body: { response: {} } }),
  'response-first': (stream) => stream.write({ response_headers: { response: {} } }),
  twice: (stream) => {
    stream.write(continueToBody());
    stream.write(continueToBody());
  },
  'no-status': (stream) => stream.write({ immediate_response: { headers: { set_headers: [] }, body: Buffer.alloc(0), details: 'fake' } }),
};

const bodyReplies: Readonly<Record<string, (stream: ProcStream, release: FakeRelease) => void>> = {
  'close-ok-at-body': closeInOrder,
  'error-at-body': fail,
  'no-decision': (stream) => stream.write({ request_body: { response: {} } }),
  'route-without-allow': (stream, release) => stream.write(released(release, {})),
  'order-without-allow': (stream, release) => stream.write(released(release, { 'sallyport.order': orderOf('beta') })),
  allow: (stream, release) => stream.write(released(release, { sallyport: { allow: ['alpha'] }, 'sallyport.order': orderOf('alpha') })),
  'order-to-ungated': (stream, release) => stream.write(released(release, { 'sallyport.order': orderOf(release.ungated) })),
  'allow-another': (stream, release) =>
    stream.write(released(release, { sallyport: { allow: ['alpha'] }, 'sallyport.order': orderOf('beta') })),
};

const orderOf = (cluster: string) => ({ priority_groups: [{ name: 'first', clusters: [{ cluster_name: cluster, weight: 1 }] }] });

const released = ({ route, authority }: FakeRelease, metadata: Parameters<typeof toStruct>[0]): object => ({
  request_body: {
    response: {
      clear_route_cache: true,
      header_mutation: { set_headers: [rawHeader('x-sallyport-route', route), rawHeader(':authority', authority)] },
    },
  },
  dynamic_metadata: toStruct(metadata),
});

const fakeCluster = (path: string): Config => ({
  name: clusterName,
  type: 'STATIC',
  connect_timeout: '1s',
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
  load_assignment: { cluster_name: clusterName, endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path } } } }] }] },
});
