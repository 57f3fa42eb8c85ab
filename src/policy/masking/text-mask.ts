import { openDetection, type Piece } from '../detect/detection.ts';
import type { DetectorSet } from '../detect/detector-set.ts';
import type { TextFilter } from './text-filter.ts';

/** What goes in the place of a part that was found. `goesOn`: the part before it, without a character between, was of the same entity. */
export type Hide = (entity: string, text: string, goesOn: boolean) => string;

/** Writes pieces; knows the last one, because a long value comes in several. */
export function openPieceWriter(hide: Hide): (piece: Piece) => string {
  let last: string | undefined;
  return (piece) => {
    if (piece.kind === 'text') {
      last = undefined;
      return piece.text;
    }
    const hidden = hide(piece.entity, piece.text, last === piece.entity);
    last = piece.entity;
    return hidden;
  };
}

/** Hides what is found in a plain text. `context` is what stands before it: words that tell what a number is. */
export function openTextMask(set: DetectorSet, hide: Hide, context = ''): TextFilter {
  const detection = openDetection(set, context);
  const write = openPieceWriter(hide);
  const writeAll = (pieces: readonly Piece[]): string => pieces.map((piece) => write(piece)).join('');
  return { push: (text) => writeAll(detection.push(text)), end: () => writeAll(detection.end()) };
}
