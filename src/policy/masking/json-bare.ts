import type { TextPart } from './text-view.ts';

/** What JSON is made of beside its values: nothing of it is hidden. */
const structure = /^[\s{}[\]:,"]+$/;
const runs = /[\s{}[\]:,"]+|[^\s{}[\]:,"]+/g;
const numeral = /^-?\d[\d.eE+-]*$/;

export const isStructure = (text: string): boolean => structure.test(text);

/** A part that stands outside of strings, with its values apart from the structure around them. */
export const splitBare = (part: TextPart): readonly TextPart[] =>
  Array.from(part.text.matchAll(runs), ([run]) => ({ raw: run, text: run, inString: false }));

/** Writes what stands outside of strings. A number of which a part was hidden is a string from then on, the whole of it. */
export interface BareWriter {
  /** What goes out now; a value that is under way is held back. `hidden` is what goes in the place of `raw`. */
  write(raw: string, hidden: string): string;
  end(): string;
}

/** No number is longer; what is, is no JSON. */
const heldMax = 64;

export function openBareWriter(): BareWriter {
  let raw = '';
  let shown = '';
  const end = (): string => {
    const written = shown !== raw && numeral.test(raw) ? JSON.stringify(shown) : shown;
    raw = '';
    shown = '';
    return written;
  };
  const hold = (run: string, hidden: string): string => {
    raw += run;
    shown += hidden;
    return raw.length > heldMax ? end() : '';
  };
  return {
    write: (part, hidden) =>
      hidden === part
        ? Array.from(part.matchAll(runs), ([run]) => (isStructure(run) ? end() + run : hold(run, run))).join('')
        : hold(part, hidden),
    end,
  };
}
