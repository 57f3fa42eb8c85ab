import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition, type ServiceDefinition as LoadedService } from '@grpc/proto-loader';
import { z } from 'zod';
import { must } from '../core/assert.ts';
import { sendingEncoded } from './encoded.ts';

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

export const AUTHORIZATION = sendingEncoded(service('envoy.service.auth.v3.Authorization'));
export const EXTERNAL_PROCESSOR = sendingEncoded(service('envoy.service.ext_proc.v3.ExternalProcessor'));
export const SECRET_DISCOVERY = service('envoy.service.secret.v3.SecretDiscoveryService');
export const HEALTH = service('grpc.health.v1.Health');

export const SECRET_TYPE_URL = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

function messageType(name: string): MessageTypeDefinition<object, object> {
  const found = loaded[name];
  must(found !== undefined && isMessage(found), `protos/ has no message ${name}`);
  return found;
}

const isMessage = (definition: object): definition is MessageTypeDefinition<object, object> => 'serialize' in definition;

/** How messages of a type are encoded, whole or in part. */
export const encoderOf = (name: string): ((message: object) => Buffer) => messageType(name).serialize;

const descriptorSchema = z.object({ field: z.array(z.object({ name: z.string(), number: z.int().positive() })) });

/** The number of a message's field, as protos/ has it. */
export function fieldNumber(message: string, field: string): number {
  const found = descriptorSchema.parse(messageType(message).type).field.find(({ name }) => name === field);
  must(found !== undefined, `protos/ has no field ${field} of ${message}`);
  return found.number;
}

const encodeSecret = encoderOf('envoy.extensions.transport_sockets.tls.v3.Secret');

/** A generic secret as Envoy takes it over SDS; an empty `value` is an empty secret, which injects nothing and answers 401. */
export const encodeGenericSecret = (name: string, value: string): Buffer =>
  encodeSecret({ name, generic_secret: { secret: { inline_string: value } } });
