import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../../..');

export const readText = (file: string): string => readFileSync(resolve(root, file), 'utf8');

/** One row of a table, by the heading of its column. */
export type Row = ReadonlyMap<string, string>;

/** Every row of every table whose first column has this heading. */
export function rowsUnder(text: string, firstHeading: string): readonly Row[] {
  const rows: Row[] = [];
  let headings: readonly string[] | undefined;
  for (const line of text.split('\n')) {
    const cells = cellsOf(line);
    if (cells === undefined) {
      headings = undefined;
    } else if (headings === undefined) {
      headings = cells;
    } else if (headings[0] === firstHeading && !cells.every((cell) => /^:?-+:?$/.test(cell))) {
      rows.push(new Map(headings.map((heading, index) => [heading, cells[index] ?? ''])));
    }
  }
  return rows;
}

function cellsOf(line: string): readonly string[] | undefined {
  return line.startsWith('|')
    ? line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim())
    : undefined;
}

/** What stands in back-ticks. */
export const codeIn = (cell: string | undefined): readonly string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');

/** The fenced blocks of one language, in order. */
export const fenced = (text: string, language: string): readonly string[] =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, found]) => found === language).map(([, , code]) => code ?? '');
