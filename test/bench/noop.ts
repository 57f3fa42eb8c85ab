// A sidecar that decides nothing, a process of its own: `node noop.ts SETTINGS KEY`. Same server, phases and replies as Sallyport's, written
// the plain way: objects, made once at the start, that proto-loader encodes each time. What Sallyport costs above it is the price of deciding.
import type { sendUnaryData, ServerDuplexStream, ServerUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSettings } from '../../src/config/load.ts';
import { CREDENTIAL_HEADERS, METADATA } from '../../src/core/headers.ts';
import { Secret } from '../../src/core/secret.ts';
import { openSealMac, sealCaller } from '../../src/policy/seal.ts';
import { prepareDecisions } from '../../src/prepare.ts';
import { service } from '../../src/wire/definitions.ts';
import { HEALTH, SECRET_DISCOVERY } from '../../src/wire/services.ts';
import type { EncodedMessage } from '../../src/wire/encoded.ts';
import { openServing } from '../../src/wire/health-service.ts';
import type { CheckRequestMessage, CheckResponseMessage, ProcessingRequestMessage } from '../../src/wire/messages.ts';
import { continueToBody, passResponseHeaders, passResponseWhole } from '../../src/wire/pass.ts';
import { releaseRequest } from '../../src/wire/release.ts';
import { secretDiscoveryService } from '../../src/wire/sds-service.ts';
import { openGrpcServer } from '../../src/wire/server.ts';
import { toStruct } from '../../src/wire/struct.ts';
import { chatAnswer, chatRequest, MODEL, PROVIDER_MODEL } from './chat.ts';

// proto-loader's own codec: Sallyport's is a part of what is compared.
const AUTHORIZATION = service('envoy.service.auth.v3.Authorization');
const EXTERNAL_PROCESSOR = service('envoy.service.ext_proc.v3.ExternalProcessor');

const [, , settingsFile = 'sallyport.yaml', key = ''] = process.argv;
const settings = loadSettings(settingsFile);

const seal = sealCaller(openSealMac(new Secret('nobody opens this seal')), {
  caller: {
    kind: 'key',
    key: '0123456789',
    client: 'bench-app',
    user: undefined,
    team: 'finance',
    tier: undefined,
    issuer: undefined,
    jti: undefined,
    expiresAtMs: Date.now(),
    address: '127.0.0.1',
  },
  exchangeId: crypto.randomUUID(),
  atMs: Date.now(),
  storeMs: 0,
});

const allowed: CheckResponseMessage = {
  status: { code: 0 },
  ok_response: { headers_to_remove: [...CREDENTIAL_HEADERS] },
  dynamic_metadata: toStruct({ [METADATA.seal]: seal }),
};

const provider = prepareDecisions(settings).providers.get('local');
const attempt = {
  cluster: 'local',
  model: PROVIDER_MODEL,
  path: '/v1/chat/completions',
  authority: provider?.authority ?? '',
};
/** The reply as the object that it is the bytes of. */
function plain({ bytes }: EncodedMessage): unknown {
  const method = EXTERNAL_PROCESSOR['Process'];
  if (method === undefined) {
    throw new Error('the service has no method Process');
  }
  return method.responseDeserialize(bytes);
}

const toBody = plain(continueToBody());
const released = plain(
  releaseRequest(
    {
      model: MODEL,
      operation: 'chat',
      attempts: [attempt],
      first: attempt,
      route: prepareDecisions(settings).models.get(MODEL)?.route ?? '',
      body: Buffer.from(chatRequest(MODEL).replace(MODEL, PROVIDER_MODEL)),
    },
    crypto.randomUUID(),
  ),
);
const headersPassed = plain(passResponseHeaders(false));
const bodyPassed = plain(passResponseWhole(Buffer.byteLength(chatAnswer())));

const replyTo = (message: ProcessingRequestMessage): unknown => {
  switch (message.request) {
    case 'request_headers':
      return toBody;
    case 'request_body':
      return released;
    case 'response_headers':
      return headersPassed;
    case 'response_body':
    case 'request_trailers':
    case 'response_trailers':
    case undefined:
    default:
      return bodyPassed;
  }
};

const decisions: UntypedServiceImplementation = {
  Check: (_call: ServerUnaryCall<CheckRequestMessage, CheckResponseMessage>, reply: sendUnaryData<CheckResponseMessage>) => {
    reply(null, allowed);
  },
};
const processing: UntypedServiceImplementation = {
  Process: (stream: ServerDuplexStream<ProcessingRequestMessage, unknown>) => {
    stream.on('data', (message: ProcessingRequestMessage) => {
      stream.write(replyTo(message));
      if (message.response_body?.end_of_stream === true) {
        stream.end();
      }
    });
    stream.on('end', () => {
      stream.end();
    });
    stream.on('error', () => undefined);
  },
};

const nobody = (): void => undefined;
const telemetry = {
  exchangeOpened: nobody,
  exchangeClosed: nobody,
  exchange: nobody,
  configurationMismatch: nobody,
  responseUnseen: nobody,
  credentialRejected: nobody,
  rewrite: nobody,
  keysPushed: nobody,
  hold: nobody,
  limitReached: nobody,
  guardAnswered: nobody,
};
const providerKey = new Secret(key);
const { providers } = prepareDecisions(settings);
const fingerprintOf = (name: string): string | undefined => providers.get(name)?.fingerprint;
const keys = secretDiscoveryService({ served: () => providerKey, reject: nobody }, fingerprintOf, telemetry);
const health = { definition: HEALTH, implementation: openServing().implementation };

const [grpc] = settings.listen.grpc;
const [sds] = settings.listen.sds;
if (grpc === undefined || sds === undefined) {
  throw new Error('the settings name no listeners');
}
await openGrpcServer(
  grpc,
  [{ definition: AUTHORIZATION, implementation: decisions }, { definition: EXTERNAL_PROCESSOR, implementation: processing }, health],
  settings.edge.bodyMaxBytes,
);
await openGrpcServer(sds, [{ definition: SECRET_DISCOVERY, implementation: keys.implementation }, health], 65_536);
process.once('SIGTERM', () => {
  process.exit(0);
});
