import type { UsageReport, UsageSums } from './report.ts';
import { formatUsd } from './usd.ts';

/**
 * What makes a spreadsheet take a cell for a formula, in the wide forms of East Asian keyboards too; and the apostrophe that guards against
 * it, so that no two names are written alike.
 */
const formulaStart = /^['=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const needsQuotes = /[",\r\n]/;

/** One cell by RFC 4180. A name that a spreadsheet would run is shown behind an apostrophe: names come from tokens, too. */
export function csvCell(text: string): string {
  const safe = formulaStart.test(text) ? `'${text}` : text;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * A report as CSV by RFC 4180, lines ending in CRLF. The first column tells items from the total behind them, since a name may be `total`.
 */
export function usageCsv({ by, rows, total }: UsageReport): string {
  const lines = [
    ['line', ...by, 'requests', 'tokens', 'usd'],
    ...rows.map((row) => ['item', ...row.names.map(([, name]) => name), ...figures(row)]),
    ['total', ...by.map(() => ''), ...figures(total)],
  ];
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** Requests, tokens and dollars as text. */
export const figures = ({ requests, tokens, nanoUsd }: UsageSums): readonly [string, string, string] => [
  String(requests),
  String(tokens),
  formatUsd(nanoUsd),
];
