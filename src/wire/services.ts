import type { ServiceDefinition } from '@grpc/grpc-js';
import { service } from './definitions.ts';
import { EncodedMessage } from './encoded.ts';
import { readCheckRequest } from './read-check.ts';
import { readProcessingRequest } from './read-processing.ts';

/** The service with our own reading of its requests, and able to send what is encoded already: both cost more than deciding. */
const fast = (definition: ServiceDefinition, read: (bytes: Buffer) => object): ServiceDefinition =>
  Object.fromEntries(
    Object.entries(definition).map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize: read,
        responseSerialize: (reply: unknown): Buffer => (reply instanceof EncodedMessage ? reply.bytes : method.responseSerialize(reply)),
      },
    ]),
  );

export const AUTHORIZATION = fast(service('envoy.service.auth.v3.Authorization'), readCheckRequest);
export const EXTERNAL_PROCESSOR = fast(service('envoy.service.ext_proc.v3.ExternalProcessor'), readProcessingRequest);
export const SECRET_DISCOVERY = service('envoy.service.secret.v3.SecretDiscoveryService');
export const HEALTH = service('grpc.health.v1.Health');
