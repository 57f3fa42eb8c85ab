import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition, type ServiceDefinition as LoadedService } from '@grpc/proto-loader';
import { must } from '../core/assert.ts';

/** `protos/` lies beside `src/` and `dist/` alike. */
const protoDirectory = fileURLToPath(new URL('../../protos', import.meta.url));

const loaded = loadSync(
  [
    'envoy/service/auth/v3/external_auth.proto',
    'envoy/service/ext_proc/v3/external_processor.proto',
    'envoy/service/secret/v3/sds.proto',
    'envoy/extensions/transport_sockets/tls/v3/secret.proto',
    'grpc/health/v1/health.proto',
  ],
  {
    includeDirs: [protoDirectory],
    keepCase: true,
    longs: Number,
    enums: Number,
    bytes: Buffer,
    oneofs: true,
    defaults: false,
    arrays: false,
  },
);

function service(name: string): ServiceDefinition {
  const found = loaded[name];
  must(found !== undefined && !('format' in found), `protos/ has no service ${name}`);
  return grpcService(found);
}

/** proto-loader's and grpc-js's views of the same object. */
function grpcService(definition: LoadedService | object): ServiceDefinition {
  return Object.fromEntries(Object.entries(definition));
}

export const AUTHORIZATION = service('envoy.service.auth.v3.Authorization');
export const EXTERNAL_PROCESSOR = service('envoy.service.ext_proc.v3.ExternalProcessor');
export const SECRET_DISCOVERY = service('envoy.service.secret.v3.SecretDiscoveryService');
export const HEALTH = service('grpc.health.v1.Health');

export const SECRET_TYPE_URL = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

const secretType = loaded['envoy.extensions.transport_sockets.tls.v3.Secret'];

/** A generic secret as Envoy takes it over SDS; an empty `value` is an empty secret, which injects nothing and answers 401. */
export function encodeGenericSecret(name: string, value: string): Buffer {
  must(secretType !== undefined && isMessage(secretType), 'protos/ has no Secret');
  return secretType.serialize({ name, generic_secret: { secret: { inline_string: value } } });
}

const isMessage = (definition: object): definition is MessageTypeDefinition<object, object> => 'serialize' in definition;
