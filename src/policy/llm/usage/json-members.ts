import { Buffer } from 'node:buffer';
import { BYTE, asBuffer, byteAt } from '../../json/cursor.ts';
import type { TextPath } from './text-paths.ts';

const depthMax = 64;
/** Bytes of one member that is kept; a longer one is lost. */
const memberBytesMax = 16_384;
/** Members that are kept, each name counted as often as it comes. */
const membersMax = 8;
const nameCharactersMax = 64;

/** A container that is open. */
interface Frame {
  readonly isObject: boolean;
  /** Undefined where no text of the model's lies inside. */
  readonly path: TextPath | undefined;
}

/** A member of the outermost object that is being kept. */
interface Kept {
  /** Its name and colon, and its value. */
  readonly parts: Buffer[];
  bytes: number;
}

/** Members to keep: each name, and its literal with a colon behind it. */
export type KeptNames = ReadonlyMap<string, Buffer>;

export const keptNames = (...names: readonly string[]): KeptNames => new Map(names.map((name) => [name, Buffer.from(`"${name}":`)]));

const opening = Buffer.from('{');
const comma = Buffer.from(',');
const closing = Buffer.from('}');
const nothing = Buffer.alloc(0);

/** Bytes that mean something outside of strings; all others belong to numbers and literals. */
const structural = new Set<number>([
  BYTE.quote,
  BYTE.comma,
  BYTE.colon,
  BYTE.openBracket,
  BYTE.closeBracket,
  BYTE.openBrace,
  BYTE.closeBrace,
]);
const isStructural = Uint8Array.from({ length: 256 }, (_, byte) => (structural.has(byte) ? 1 : 0));
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Reads a JSON object in pieces cut anywhere and keeps some members of the outermost one, and how many bytes of text lie on the given
 * paths; everything else is passed over, so that memory stays small for any answer. It does not judge the JSON: what it keeps is judged
 * by the scanner of documents. State of one answer.
 */
export class JsonMembers {
  readonly #names: KeptNames;
  readonly #root: TextPath;
  readonly #frames: Frame[] = [];
  readonly #complete: Kept[] = [];
  #kept: Kept | undefined;
  #lost = false;
  #broken = false;
  #ended = false;
  #name = '';
  /** A name is next, or its string is being read. */
  #atName = false;
  #awaitsValue = false;
  #inString = false;
  #isText = false;
  /** The byte before was a backslash that begins an escape. */
  #inEscape = false;
  #textBytes = 0;
  /** The byte that ended the member kept last is part of it: a quote or a bracket, not a comma. */
  #ownsByte = false;

  constructor(names: KeptNames, root: TextPath) {
    this.#names = names;
    this.#root = root;
  }

  /** UTF-8 bytes of text so far; `\uXXXX` is taken for two. */
  get textBytes(): number {
    return this.#textBytes;
  }

  /**
   * A document with the kept members and no others, as they were sent; undefined where the bytes are no JSON object, or a member that was
   * to be kept is too long or not complete.
   */
  document(): Buffer | undefined {
    if (this.#broken || this.#lost || this.#kept !== undefined) {
      return undefined;
    }
    const parts: Buffer[] = [opening];
    for (const kept of this.#complete) {
      parts.push(parts.length === 1 ? nothing : comma, ...kept.parts);
    }
    parts.push(closing);
    return Buffer.concat(parts);
  }

  push(input: Uint8Array): void {
    const piece = asBuffer(input);
    let keptFrom = 0;
    let at = 0;
    while (at < piece.length && !this.#broken) {
      const kept = this.#kept;
      const next = this.#inString ? this.#readString(piece, at) : this.#readToken(piece, at);
      if (kept !== this.#kept) {
        this.#keep(kept, piece.subarray(keptFrom, this.#ownsByte ? next : at));
        keptFrom = at;
      }
      at = next;
    }
    this.#keep(this.#kept, piece.subarray(keptFrom));
  }

  #keep(kept: Kept | undefined, part: Buffer): void {
    if (kept === undefined) {
      return;
    }
    kept.bytes += part.length;
    this.#lost ||= kept.bytes > memberBytesMax;
    if (!this.#lost) {
      kept.parts.push(part);
    }
  }

  #readString(piece: Buffer, from: number): number {
    let at = from;
    if (this.#inEscape) {
      this.#inEscape = false;
      this.#countText(piece[at] === BYTE.lowerU ? -3 : 0);
      at += 1;
    }
    const start = at;
    while (at < piece.length && piece[at] !== BYTE.quote && piece[at] !== BYTE.backslash) {
      at += 1;
    }
    this.#countText(at - start);
    if (this.#atName) {
      this.#readName(piece, start, at);
    }
    if (at === piece.length) {
      return at;
    }
    if (piece[at] === BYTE.backslash) {
      // One byte for the pair; four digits behind `u` are counted with the rest, hence three less for that.
      this.#countText(1);
      this.#inEscape = true;
      return at + 1;
    }
    this.#inString = false;
    this.#isText = false;
    if (!this.#atName) {
      this.#endValue(true);
    }
    return at + 1;
  }

  #countText(bytes: number): void {
    this.#textBytes += this.#isText ? bytes : 0;
  }

  #readName(piece: Buffer, start: number, end: number): void {
    const frame = this.#frames.at(-1);
    if (this.#frames.length === 1 || frame?.path !== undefined) {
      // A name that is escaped is none of those that are looked for: names without need of escapes.
      this.#name += piece.toString('latin1', start, Math.min(end, start + nameCharactersMax)) + (piece[end] === BYTE.backslash ? '\\' : '');
      this.#name = this.#name.slice(0, nameCharactersMax);
    }
  }

  #readToken(piece: Buffer, at: number): number {
    const byte = byteAt(piece, at);
    switch (byte) {
      case BYTE.quote:
        this.#beginString();
        break;
      case BYTE.openBrace:
      case BYTE.openBracket:
        this.#open(byte === BYTE.openBrace);
        break;
      case BYTE.closeBrace:
      case BYTE.closeBracket:
        this.#close(byte === BYTE.closeBrace);
        break;
      case BYTE.colon:
        this.#broken ||= this.#frames.length === 0;
        this.#atName = false;
        this.#awaitsValue = this.#frames.length === 1;
        break;
      case BYTE.comma:
        this.#broken ||= this.#frames.length === 0;
        this.#endValue(false);
        this.#beginName();
        break;
      default:
        return this.#readScalar(piece, at);
    }
    return at + 1;
  }

  /** Numbers, literals and space: passed over at one go. */
  #readScalar(piece: Buffer, from: number): number {
    let at = from;
    if (this.#awaitsValue || this.#frames.length === 0) {
      while (at < piece.length && isSpace(byteAt(piece, at))) {
        at += 1;
      }
      if (at > from) {
        return at;
      }
      if (this.#frames.length === 0) {
        this.#broken = true;
      }
      this.#beginValue();
    }
    while (at < piece.length && isStructural[byteAt(piece, at)] === 0) {
      at += 1;
    }
    return at;
  }

  #beginName(): void {
    this.#atName = this.#frames.at(-1)?.isObject === true;
    this.#name = '';
  }

  #beginString(): void {
    this.#broken ||= this.#frames.length === 0;
    this.#inString = true;
    if (this.#atName) {
      return;
    }
    this.#beginValue();
    const frame = this.#frames.at(-1);
    this.#isText = frame?.isObject === true && frame.path?.members.get(this.#name)?.isText === true;
  }

  #beginValue(): void {
    const head = this.#awaitsValue ? this.#names.get(this.#name) : undefined;
    if (head !== undefined) {
      this.#kept = { parts: [head], bytes: 0 };
    }
    this.#awaitsValue = false;
  }

  #endValue(ownsByte: boolean): void {
    if (this.#kept !== undefined && this.#frames.length === 1) {
      this.#lost ||= this.#complete.length >= membersMax;
      if (!this.#lost) {
        this.#complete.push(this.#kept);
      }
      this.#kept = undefined;
      this.#ownsByte = ownsByte;
    }
  }

  #open(isObject: boolean): void {
    const outer = this.#frames.at(-1);
    this.#broken ||= this.#ended || this.#frames.length >= depthMax || (outer === undefined && !isObject);
    this.#beginValue();
    const path = outer === undefined ? this.#root : outer.isObject ? outer.path?.members.get(this.#name) : outer.path;
    this.#frames.push({ isObject, path });
    this.#beginName();
  }

  #close(isObject: boolean): void {
    if (this.#frames.length === 1) {
      this.#endValue(false);
    }
    const frame = this.#frames.pop();
    this.#broken ||= frame?.isObject !== isObject;
    this.#ended ||= this.#frames.length === 0;
    this.#atName = false;
    this.#endValue(true);
  }
}
