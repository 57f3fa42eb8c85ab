import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition, type ServiceDefinition as LoadedService } from '@grpc/proto-loader';
import { z } from 'zod';
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

/** A service of protos/ as grpc-js takes it, with proto-loader's own codec. */
export function service(name: string): ServiceDefinition {
  const found = loaded[name];
  must(found !== undefined && !('format' in found), `protos/ has no service ${name}`);
  return grpcService(found);
}

/** proto-loader's and grpc-js's views of the same object. */
function grpcService(definition: LoadedService | object): ServiceDefinition {
  return Object.fromEntries(Object.entries(definition));
}

export const SECRET_TYPE_URL = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

function messageType(name: string): MessageTypeDefinition<object, object> {
  const found = loaded[name];
  must(found !== undefined && isMessage(found), `protos/ has no message ${name}`);
  return found;
}

const isMessage = (definition: object): definition is MessageTypeDefinition<object, object> => 'serialize' in definition;

/** How messages of a type are encoded, whole or in part. */
export const encoderOf = (name: string): ((message: object) => Buffer) => messageType(name).serialize;

const descriptorSchema = z.object({
  name: z.string(),
  field: z.array(z.object({ name: z.string(), number: z.int().positive() })),
  get nestedType() {
    return z.array(descriptorSchema);
  },
});
type Descriptor = z.infer<typeof descriptorSchema>;

/** proto-loader lists messages of a file only; a message within a message is found in its parent. */
function descriptorOf(message: string): Descriptor {
  if (loaded[message] !== undefined) {
    return descriptorSchema.parse(messageType(message).type);
  }
  const [parent, own] = [message.slice(0, message.lastIndexOf('.')), message.slice(message.lastIndexOf('.') + 1)];
  const found = parent.includes('.') ? descriptorOf(parent).nestedType.find(({ name }) => name === own) : undefined;
  must(found !== undefined, `protos/ has no message ${message}`);
  return found;
}

/** The number of a message's field, as protos/ has it. */
export function fieldNumber(message: string, field: string): number {
  const found = descriptorOf(message).field.find(({ name }) => name === field);
  must(found !== undefined, `protos/ has no field ${field} of ${message}`);
  return found.number;
}

const encodeSecret = encoderOf('envoy.extensions.transport_sockets.tls.v3.Secret');

/** A generic secret as Envoy takes it over SDS; an empty `value` is an empty secret, which injects nothing and answers 401. */
export const encodeGenericSecret = (name: string, value: string): Buffer =>
  encodeSecret({ name, generic_secret: { secret: { inline_string: value } } });

/** The fields of a map's entry (Protocol Buffers, "Maps"). */
export const MAP_ENTRY = { key: 1, value: 2 } as const;
