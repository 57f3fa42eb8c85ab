/**
 * A reply as its bytes. Encoding costs more than deciding, and most of what is said is always the same: that is encoded once.
 */
export class EncodedMessage {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}
