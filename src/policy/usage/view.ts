import type { UsageQuery } from './query.ts';
import type { UsageReport, UsageSums } from './report.ts';
import { formatUsd } from './usd.ts';

/** A report as JSON. Dollars are text, since readers of JSON may take numbers for floating-point ones. */
export const usageView = ({ fromDay, toDay }: UsageQuery, { by, rows, total }: UsageReport) => ({
  from: fromDay,
  to: toDay,
  by,
  rows: rows.map((row) => ({ ...Object.fromEntries(row.names), ...sumsOf(row) })),
  total: sumsOf(total),
});

/** Counts stay exact as numbers up to 2^53: a request a nanosecond for a hundred days. */
const sumsOf = ({ requests, tokens, nanoUsd }: UsageSums) => ({
  requests: Number(requests),
  tokens: Number(tokens),
  usd: formatUsd(nanoUsd),
});
