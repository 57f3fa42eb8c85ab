/**
 * Writes a protobuf message from its end to its beginning, so that each length is known when it is written and nothing is copied twice
 * (Protocol Buffers, "Encoding"). What a message holds last is put first.
 */
export class BackwardWriter {
  readonly #buffer: Buffer;
  #at: number;

  /** `bytesMax` bounds all that will be put: more throws a `RangeError`. */
  constructor(bytesMax: number) {
    this.#buffer = Buffer.allocUnsafe(bytesMax);
    this.#at = bytesMax;
  }

  /** Where writing stands, to give to `embed` once what lies before it was put. */
  get end(): number {
    return this.#at;
  }

  /** Where writing began: the end of the message. */
  get start(): number {
    return this.#buffer.length;
  }

  put(bytes: Uint8Array): void {
    this.#at -= bytes.length;
    this.#buffer.set(bytes, this.#at);
  }

  putText(text: string): void {
    this.#at -= Buffer.byteLength(text);
    this.#buffer.write(text, this.#at);
  }

  /** Makes what was put since `end` one field: a text, bytes or a message. */
  embed(fieldNumber: number, end: number): void {
    this.#putVarint(end - this.#at);
    this.#putVarint(fieldNumber * 8 + lengthDelimited);
  }

  /** Seven bits a byte, the lowest first; all but the last byte have the eighth set. */
  #putVarint(value: number): void {
    let bytes = 1;
    for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) {
      bytes += 1;
    }
    this.#at -= bytes;
    let rest = value;
    for (let index = 0; index < bytes - 1; index += 1) {
      this.#buffer.writeUInt8((rest % 0x80) + 0x80, this.#at + index);
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer.writeUInt8(rest, this.#at + bytes - 1);
  }

  /** All that was put. */
  written(): Buffer {
    return this.#buffer.subarray(this.#at);
  }
}

/** The wire type of everything that has a length. */
const lengthDelimited = 2;
