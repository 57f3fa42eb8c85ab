import { Buffer } from 'node:buffer';
import { asBuffer } from '../../json/cursor.ts';
import { cr, lf, openLineEnds } from './line-ends.ts';

/** Bytes of one event, its lines and the blank line behind them. What is longer is passed on in pieces and not read. */
export const eventBytesMax = 1_048_576;

const heldPiecesMax = 256;

/** Who reads an event stream. */
export interface BlockReader {
  /** One event as it was sent: its lines and the blank line behind them, or a blank line alone. */
  readonly onBlock: (block: Buffer) => void;
  /** A piece of an event that is over the limit. `isEnd` where it is the last one. */
  readonly onOverlong: (piece: Buffer, isEnd: boolean) => void;
  /** The line feed of the blank line's CR LF where a cut lay between the two: it belongs to the event before. */
  readonly onLateFeed: (feed: Buffer) => void;
}

/**
 * Splits an event stream (WHATWG HTML, 9.2.6) into events, wherever its pieces are cut: lines end with CR LF, LF or CR. Time is linear in
 * the bytes and at most one event is held back. State of one stream.
 */
export class BlockSplitter {
  readonly #reader: BlockReader;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** The line that is being read has bytes. */
  #inLine = false;
  /** The byte before the next piece was a CR: its LF may follow. */
  #afterCr: 'no' | 'line' | 'block' = 'no';
  #isOverlong = false;

  constructor(reader: BlockReader) {
    this.#reader = reader;
  }

  push(input: Uint8Array): void {
    const piece = asBuffer(input);
    let { at, start } = this.#resume(piece);
    const lines = openLineEnds(piece);
    for (let end = lines.next(at); end >= 0; end = lines.next(at)) {
      const isBlank = end === at && !this.#inLine;
      const isCr = piece[end] === cr;
      at = end + (isCr && piece[end + 1] === lf ? 2 : 1);
      this.#inLine = false;
      if (isCr && end === piece.length - 1) {
        this.#afterCr = isBlank ? 'block' : 'line';
      }
      if (isBlank) {
        this.#endBlock(piece.subarray(start, at), end + 1 - start);
        start = at;
      }
    }
    this.#inLine ||= at < piece.length;
    this.#hold(piece.subarray(start));
  }

  /** Where the next line and the next event begin: behind the LF of a CR that was the last byte of the piece before. */
  #resume(piece: Buffer): { readonly at: number; readonly start: number } {
    const before = this.#afterCr;
    this.#afterCr = piece.length === 0 ? before : 'no';
    if (before === 'no' || piece[0] !== lf) {
      return { at: 0, start: 0 };
    }
    if (before === 'block') {
      this.#reader.onLateFeed(piece.subarray(0, 1));
    }
    return { at: 1, start: before === 'block' ? 1 : 0 };
  }

  /** The stream has ended: hands over what is held, an event without its blank line. */
  end(): void {
    if (this.#isOverlong) {
      this.#reader.onOverlong(Buffer.alloc(0), true);
    } else if (this.#heldBytes > 0) {
      this.#reader.onBlock(this.#takeHeld());
    }
    this.#isOverlong = false;
  }

  /** `countedBytes` leaves out the LF of a last CR LF, which may come later: where a stream is cut must not matter. */
  #endBlock(rest: Buffer, countedBytes: number): void {
    if (this.#isOverlong) {
      this.#isOverlong = false;
      this.#reader.onOverlong(rest, true);
    } else if (this.#heldBytes + countedBytes > eventBytesMax) {
      this.#reader.onOverlong(this.#heldBytes === 0 ? rest : Buffer.concat([this.#takeHeld(), rest]), true);
    } else {
      this.#reader.onBlock(this.#heldBytes === 0 ? rest : Buffer.concat([this.#takeHeld(), rest]));
    }
  }

  #hold(rest: Buffer): void {
    if (rest.length === 0) {
      return;
    }
    if (this.#isOverlong) {
      this.#reader.onOverlong(rest, false);
    } else if (this.#heldBytes + rest.length > eventBytesMax) {
      this.#isOverlong = true;
      this.#reader.onOverlong(Buffer.concat([this.#takeHeld(), rest]), false);
    } else {
      this.#held.push(rest);
      this.#heldBytes += rest.length;
      this.#joinHeld();
    }
  }

  /** A sender of single bytes must not make us hold an object for each of them. */
  #joinHeld(): void {
    if (this.#held.length > heldPiecesMax) {
      this.#held = [Buffer.concat(this.#held)];
    }
  }

  #takeHeld(): Buffer {
    const [first] = this.#held;
    const held = this.#held.length === 1 && first !== undefined ? first : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return held;
  }
}
