import type { Detection, Piece } from '../detect/detection.ts';
import { openPartQueue } from './part-queue.ts';
import type { TextFilter } from './text-filter.ts';
import { openWordsView } from './text-view.ts';

/** What goes in the place of a part that was found. `goesOn`: the part before it, without a character between, was of the same entity. */
export type Hide = (entity: string, text: string, goesOn: boolean) => string;

/** Hides what `detection` finds in a plain text. */
export function openTextMask(detection: Detection, hide: Hide): TextFilter {
  const view = openWordsView();
  const queue = openPartQueue();
  // Of the last piece, because a long value comes in several.
  let last: string | undefined;
  const write = (piece: Piece): string => {
    const raw = queue
      .take(piece.text.length)
      .map((part) => part.raw)
      .join('');
    if (piece.kind === 'text') {
      last = undefined;
      return raw;
    }
    const hidden = hide(piece.entity, piece.text, last === piece.entity);
    last = piece.entity;
    // What only is to be noted comes back as it is, and stays as it was written.
    return hidden === piece.text ? raw : hidden;
  };
  const writeAll = (pieces: readonly Piece[]): string => pieces.map((piece) => write(piece)).join('');
  return {
    push: (text) => writeAll(detection.push(queue.add(view.push(text)))),
    end: (text) => writeAll(detection.end(queue.add(view.end(text)))),
  };
}
