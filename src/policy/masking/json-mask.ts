import type { Detection, Piece } from '../detect/detection.ts';
import { isStructure, openBareWriter, splitBare } from './json-bare.ts';
import { joinLike, openPartQueue } from './part-queue.ts';
import type { TextFilter } from './text-filter.ts';
import type { Hide } from './text-mask.ts';
import { openJsonView, type TextPart } from './text-view.ts';

/**
 * Hides what `detection` finds in a text that is JSON: in what its strings say, however it is escaped, with the name of a member as the words before
 * its value. What nothing was found in stays as it was written; what is put in keeps strings strings, and makes one of a number.
 */
export function openJsonMask(detection: Detection, hide: Hide): TextFilter {
  const view = openJsonView();
  const queue = openPartQueue();
  const bare = openBareWriter();
  let last: string | undefined;

  const writePart = (part: TextPart, entity: string | undefined): string => {
    const hidden = entity === undefined ? part.text : hide(entity, part.text, last === entity);
    last = entity;
    if (part.inString) {
      // What only is to be noted comes back as it is, and stays as it was written.
      return bare.end() + (hidden === part.text ? part.raw : escaped(hidden));
    }
    return bare.write(part.raw, hidden);
  };
  const writePiece = (piece: Piece): string => {
    const parts = queue.take(piece.text.length);
    if (piece.kind === 'text') {
      return parts.map((part) => writePart(part, undefined)).join('');
    }
    return joinLike(parts)
      .flatMap((part) => (part.inString ? [part] : splitBare(part)))
      .map((part) => writePart(part, !part.inString && isStructure(part.text) ? undefined : piece.entity))
      .join('');
  };
  const writeAll = (pieces: readonly Piece[]): string => pieces.map((piece) => writePiece(piece)).join('');
  return {
    push: (text) => writeAll(detection.push(queue.add(view.push(text)))),
    end: (text) => writeAll(detection.end(queue.add(view.end(text)))) + bare.end(),
  };
}

/** As it stands within a string literal. */
export const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
