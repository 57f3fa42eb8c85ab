import type { sendUnaryData, ServerUnaryCall, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';

const serving = 1;
const notServing = 2;

interface StatusMessage {
  readonly status: number;
}

export interface Serving {
  readonly implementation: UntypedServiceImplementation;
  isServing(): boolean;
  /** From now on not serving: open streams go on, new ones go to another process. Not to be taken back. */
  stop(): void;
}

/** `grpc.health.v1.Health`: what Envoy's health checks ask, about the process as a whole. */
export function openServing(): Serving {
  const watchers = new Set<ServerWritableStream<object, StatusMessage>>();
  let isServing = true;
  const status = (): StatusMessage => ({ status: isServing ? serving : notServing });
  const watch = (call: ServerWritableStream<object, StatusMessage>): void => {
    watchers.add(call);
    call.write(status());
    const forget = (): void => {
      watchers.delete(call);
    };
    call.on('cancelled', forget);
    call.on('error', forget);
  };
  return {
    implementation: {
      Check: (_call: ServerUnaryCall<object, StatusMessage>, reply: sendUnaryData<StatusMessage>): void => {
        reply(null, status());
      },
      Watch: watch,
    },
    isServing: () => isServing,
    stop() {
      isServing = false;
      for (const call of watchers) {
        call.write(status());
      }
    },
  };
}
