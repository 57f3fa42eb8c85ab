import { bars } from './bars.ts';

/** One line of the quality report. */
export interface QualityRow {
  readonly entity: string;
  /** Of what was found, the share that is one; 1 where nothing was found. */
  readonly precision: number;
  /** Of what was planted, the share that was found; 1 where nothing was planted. */
  readonly recall: number;
  readonly samples: number;
  /** The first few errors, as texts of at most 160 characters. */
  readonly worst: readonly string[];
}

/** False where it has a bar and does not reach it. */
export function rowReachesBar({ entity, recall, precision }: QualityRow): boolean {
  const bar = bars.get(entity);
  return bar === undefined || (recall >= bar.recall && precision >= bar.precision);
}

/** The table, then the errors. */
export const writeRows = (title: string, rows: readonly QualityRow[]): string =>
  [
    title,
    ...rows.map((row) => {
      const figures = `${row.recall.toFixed(3).padStart(6)}    ${row.precision.toFixed(3).padStart(6)}`;
      return `${row.entity.padEnd(44)} ${String(row.samples).padStart(7)} ${figures}${rowReachesBar(row) ? '' : '  below its bar'}`;
    }),
    '',
    ...rows.flatMap(({ worst: errors }) => errors.slice(0, errorsMax).map((error) => `  ${error}`)),
    '',
  ].join('\n');

/** A text with one value planted in it, UTF-16 units. */
export interface Planted {
  readonly kind: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

const worstMax = 12;
const errorsMax = 5;
const charactersMax = 160;

export const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

export const worst = (kind: string, texts: readonly string[]): readonly string[] =>
  texts.slice(0, worstMax).map((text) => `${kind}: ${text.slice(0, charactersMax)}`);
