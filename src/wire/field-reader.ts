/**
 * Reads the fields of a protobuf message one by one (Protocol Buffers, "Encoding"), so that only what is used becomes an object. Throws a
 * `RangeError` for bytes that are no message: the call then ends with an error, which denies.
 */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #start = 0;
  #type = 0;
  #value = 0;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** The number of the next field; 0 after the last one. */
  next(): number {
    if (this.#at === this.#end) {
      return 0;
    }
    const tag = this.#readVarint();
    this.#type = tag % 8;
    this.#readContent();
    must(this.#at <= this.#end && tag >= 8 && tag < tagEnd);
    return Math.floor(tag / 8);
  }

  /** A bool or an enum; what is beyond 2^53 (or negative) is rounded. */
  number(): number {
    must(this.#type === varintType);
    return this.#value;
  }

  double(): number {
    must(this.#type === fixed64Type);
    return this.#bytes.readDoubleLE(this.#at - doubleBytes);
  }

  bytes(): Buffer {
    return this.#bytes.subarray(this.#contentStart(), this.#at);
  }

  text(): string {
    return this.#bytes.toString('utf8', this.#contentStart(), this.#at);
  }

  latin1(): string {
    return this.#bytes.toString('latin1', this.#contentStart(), this.#at);
  }

  /** The fields of the message that this field holds. */
  fields(): FieldReader {
    return new FieldReader(this.#bytes, this.#contentStart(), this.#at);
  }

  #contentStart(): number {
    must(this.#type === lengthDelimitedType);
    return this.#start;
  }

  #readContent(): void {
    switch (this.#type) {
      case varintType:
        this.#value = this.#readVarint();
        return;
      case lengthDelimitedType: {
        const length = this.#readVarint();
        this.#start = this.#at;
        this.#at += length;
        return;
      }
      case fixed64Type:
        this.#at += doubleBytes;
        return;
      case fixed32Type:
        this.#at += 4;
        return;
      default:
        // Groups are gone since proto3.
        must(false);
    }
  }

  /** Seven bits a byte, the lowest first. */
  #readVarint(): number {
    let value = 0;
    let weight = 1;
    for (let index = 0; index < varintBytesMax; index += 1) {
      must(this.#at < this.#end);
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 0x7f) * weight;
      weight *= 0x80;
      if (byte < 0x80) {
        return value;
      }
    }
    return must(false);
  }
}

const varintType = 0;
const fixed64Type = 1;
const lengthDelimitedType = 2;
const fixed32Type = 5;

const varintBytesMax = 10;
const doubleBytes = 8;
/** Field numbers have 29 bits. */
const tagEnd = 2 ** 32;

function must(isSo: false): never;
function must(isSo: boolean): void;
function must(isSo: boolean): void {
  if (!isSo) {
    throw new RangeError('not a protobuf message');
  }
}
