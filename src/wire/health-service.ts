import type { sendUnaryData, ServerUnaryCall, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';

const serving = 1;
const notServing = 2;

interface StatusMessage {
  readonly status: number;
}

/** `grpc.health.v1.Health`: what Envoy's health checks ask. Not serving = draining: open streams go on, new ones go elsewhere. */
export function healthService(isServing: () => boolean, onChange: (listener: () => void) => () => void): UntypedServiceImplementation {
  const status = (): StatusMessage => ({ status: isServing() ? serving : notServing });
  return {
    Check: (_call: ServerUnaryCall<object, StatusMessage>, reply: sendUnaryData<StatusMessage>): void => {
      reply(null, status());
    },
    Watch: (call: ServerWritableStream<object, StatusMessage>): void => {
      call.write(status());
      const stop = onChange(() => {
        call.write(status());
      });
      call.on('cancelled', stop);
      call.on('error', stop);
    },
  };
}
