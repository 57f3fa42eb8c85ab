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

/** Bytes that follow each other: joined once, when all are there. */
export type Parts = readonly Uint8Array[];

export const joined = (...parts: Parts): EncodedMessage => new EncodedMessage(Buffer.concat(parts));

/** A text, bytes or message inside another one: its field number and its length in front of it (Protocol Buffers, "Encoding"). */
export function embedded(fieldNumber: number, ...content: Parts): Parts {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return [Buffer.from([...varint(fieldNumber * 8 + lengthDelimited), ...varint(length)]), ...content];
}

/** The wire type of everything that has a length. */
const lengthDelimited = 2;

/** Seven bits a byte, the lowest first; all but the last byte have the eighth set. */
function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
