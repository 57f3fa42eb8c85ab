import type { Match } from '../../src/policy/detect/detector.ts';

/** Reads a text in which the values to be found stand between « and »: `call «+91 98765 43210», please`. */
export function readMarked(marked: string): {
  readonly text: string;
  readonly spans: readonly { readonly start: number; readonly end: number }[];
} {
  let text = '';
  const spans: { start: number; end: number }[] = [];
  for (const [index, part] of marked.split(/[«»]/).entries()) {
    if (index % 2 === 1) {
      spans.push({ start: text.length, end: text.length + part.length });
    }
    text += part;
  }
  return { text, spans };
}

/** The same text with its regions between « and »: what a failed test shows. */
export function writeMarked(text: string, regions: readonly Pick<Match, 'start' | 'end'>[]): string {
  let marked = '';
  let at = 0;
  for (const { start, end } of regions) {
    marked += `${text.slice(at, start)}«${text.slice(start, end)}»`;
    at = end;
  }
  return marked + text.slice(at);
}
