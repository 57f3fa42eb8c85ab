import { must } from '../../core/assert.ts';
import type { TextPart } from './text-view.ts';

/** What was read of a text and is not written yet. */
export interface PartQueue {
  /** Gives back what the parts say. */
  add(parts: readonly TextPart[]): string;
  /** The next `length` UTF-16 units of what was added, by what they say. */
  take(length: number): readonly TextPart[];
}

export function openPartQueue(): PartQueue {
  let parts: TextPart[] = [];
  let next = 0;
  return {
    add(more) {
      parts = next === 0 ? parts : parts.slice(next);
      next = 0;
      for (const part of more) {
        parts.push(part);
      }
      return more.map(({ text }) => text).join('');
    },
    take(length) {
      const taken: TextPart[] = [];
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

/** Parts of one string as one, and so what lies between strings. */
export function joinLike(parts: readonly TextPart[]): readonly TextPart[] {
  const joined: TextPart[] = [];
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
