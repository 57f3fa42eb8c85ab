import type { ServiceDefinition } from '@grpc/grpc-js';

/**
 * A reply as its bytes. Encoding costs more than deciding, and most of what is said is always the same: that is encoded once.
 */
export class EncodedMessage {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** The service, able to send what is encoded already. */
export const sendingEncoded = (service: ServiceDefinition): ServiceDefinition =>
  Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      {
        ...method,
        responseSerialize: (reply: unknown): Buffer => (reply instanceof EncodedMessage ? reply.bytes : method.responseSerialize(reply)),
      },
    ]),
  );
