import {
  status as rpc,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

/** A gRPC service with what answers it. */
export interface ServedService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

type AnyCall = ServerUnaryCall<object, object> | ServerWritableStream<object, object> | ServerDuplexStream<object, object>;
type AnyReply = (error: { readonly code: number; readonly details: string }) => void;
type AnyHandler = (call: AnyCall, reply: AnyReply) => void;

/**
 * The same services, for named clients only: over TCP a certificate of the right authority is not enough, its DNS or URI SAN
 * must be in the fixed list. A refused call ends with an error status, which fails closed in Envoy.
 */
export const forNamedClients = (services: readonly ServedService[], clients: readonly string[]): readonly ServedService[] =>
  services.map(({ definition, implementation }) => ({
    definition,
    implementation: Object.fromEntries(
      Object.entries(implementation).map(([method, handler]): [string, AnyHandler] => [method, guarded(handler, clients)]),
    ),
  }));

function guarded(handler: UntypedServiceImplementation[string], clients: readonly string[]): AnyHandler {
  return (call, reply) => {
    if (isNamed(call, clients)) {
      Reflect.apply(handler, undefined, [call, reply]);
      return;
    }
    const refusal = { code: rpc.PERMISSION_DENIED, details: 'this client is not named in listen.*.clients' };
    if ('write' in call) {
      call.emit('error', refusal);
    } else {
      reply(refusal);
    }
  };
}

/** grpc-js gives the certificate only of a peer that its authority was verified for. */
function isNamed(call: AnyCall, clients: readonly string[]): boolean {
  const names = (call.getAuthContext().sslPeerCertificate?.subjectaltname ?? '')
    .split(', ')
    .map((name) => name.replace(/^(?:DNS|URI):/, ''));
  return names.some((name) => clients.includes(name));
}
