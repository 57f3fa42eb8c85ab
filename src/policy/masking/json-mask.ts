import { must } from '../../core/assert.ts';
import { openDetection, type Piece } from '../detect/detection.ts';
import type { DetectorSet } from '../detect/detector-set.ts';
import { isStructure, openBareWriter, splitBare } from './json-bare.ts';
import { openJsonView, type JsonPart } from './json-view.ts';
import type { TextFilter } from './text-filter.ts';
import type { Hide } from './text-mask.ts';

/**
 * Hides what is found in a text that is JSON: in what its strings say, however it is escaped, with the name of a member as the words before
 * its value. What nothing was found in stays as it was written; what is put in keeps strings strings, and makes one of a number.
 */
export function openJsonMask(set: DetectorSet, hide: Hide, context = ''): TextFilter {
  const view = openJsonView();
  const detection = openDetection(set, context);
  const queue = openPartQueue();
  const bare = openBareWriter();
  let last: string | undefined;

  const writePart = (part: JsonPart, entity: string | undefined): string => {
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
  const show = (parts: readonly JsonPart[]): string => {
    queue.add(parts);
    return parts.map(({ text }) => text).join('');
  };
  const writeAll = (pieces: readonly Piece[]): string => pieces.map((piece) => writePiece(piece)).join('');
  return {
    push: (text) => writeAll(detection.push(show(view.push(text)))),
    end: () => writeAll([...detection.push(show(view.end())), ...detection.end()]) + bare.end(),
  };
}

/** As it stands within a string literal. */
export const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Parts of one string as one, and so what lies between strings. */
function joinLike(parts: readonly JsonPart[]): readonly JsonPart[] {
  const joined: JsonPart[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    if (before?.inString === part.inString) {
      joined[joined.length - 1] = { raw: before.raw + part.raw, text: before.text + part.text, inString: part.inString };
    } else {
      joined.push(part);
    }
  }
  return joined;
}

interface PartQueue {
  add(parts: readonly JsonPart[]): void;
  /** The next `length` UTF-16 units of what was added, by what they say. */
  take(length: number): readonly JsonPart[];
}

function openPartQueue(): PartQueue {
  let parts: JsonPart[] = [];
  let next = 0;
  return {
    add(more) {
      parts = next === 0 ? parts : parts.slice(next);
      next = 0;
      for (const part of more) {
        parts.push(part);
      }
    },
    take(length) {
      const taken: JsonPart[] = [];
      for (let missing = length; missing > 0;) {
        const part = parts[next];
        must(part !== undefined, 'no more is taken than was added');
        if (part.text.length <= missing) {
          taken.push(part);
          next += 1;
          missing -= part.text.length;
        } else {
          // Only what is written as it reads has more than one unit.
          taken.push({ ...part, raw: part.raw.slice(0, missing), text: part.text.slice(0, missing) });
          parts[next] = { ...part, raw: part.raw.slice(missing), text: part.text.slice(missing) };
          missing = 0;
        }
      }
      return taken;
    },
  };
}
