import { Buffer } from 'node:buffer';
import { createHash, hash } from 'node:crypto';
import { isLowSurrogate } from '../detect/detector-set.ts';

/** The digest by which a text is known again: of its UTF-16, so that half of a pair is told from what stands for it. */
export const digestOf = (text: string): string => hash('sha256', Buffer.from(text, 'utf16le'), 'base64');

/** One text of a stream that comes in pieces. All of it is known by its digest alone; what is kept is what questions need. */
export class SaidText {
  readonly #hash = createHash('sha256');
  #length = 0;
  #context = '';
  #unasked = '';

  push(piece: string): void {
    this.#hash.update(piece, 'utf16le');
    this.#length += piece.length;
    this.#unasked += piece;
  }

  /** True where the text so far is this one. */
  equals(text: string): boolean {
    return text.length === this.#length && this.#hash.copy().digest('base64') === digestOf(text);
  }

  /** Characters that are kept of what was in a question already. */
  get contextLength(): number {
    return this.#context.length;
  }

  /** What no question had yet, behind what came before it: `contextMax` characters at most, of which as many are kept. */
  take(contextMax: number): string {
    const text = this.#context + this.#unasked;
    this.#context = lastOf(text, contextMax);
    this.#unasked = '';
    return text;
  }
}

/** The last characters; one more where they would begin with half of a pair. */
function lastOf(text: string, length: number): string {
  const start = Math.max(0, text.length - length);
  return text.slice(start > 0 && isLowSurrogate(text, start) ? start - 1 : start);
}
