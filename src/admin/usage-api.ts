import { usageCsv } from '../policy/usage/csv.ts';
import { readUsageQuery } from '../policy/usage/query.ts';
import { openUsageSummary } from '../policy/usage/report.ts';
import { usageView } from '../policy/usage/view.ts';
import { readSpending } from '../ports/read-spending.ts';
import { json, refuse } from './admin-answer.ts';
import type { AdminHandler } from './admin-source.ts';

/** The process that answers decides about requests, too: a report must not hold it. */
const rowsMax = 10_000;

export const readUsage: AdminHandler = async ({ ledger }, { query: words, nowMs }) => {
  const format = words.get('format') ?? 'json';
  if (format !== 'json' && format !== 'csv') {
    return refuse('query_invalid', '"format": use json or csv.');
  }
  const read = readUsageQuery({ from: words.get('from'), to: words.get('to'), by: words.get('by') }, nowMs);
  if (read.kind === 'problem') {
    return refuse('query_invalid', `"${read.name}": ${read.problem}.`);
  }
  const { fromDay, toDay, by } = read.query;
  const summary = openUsageSummary(by, rowsMax);
  if (!(await readSpending(ledger, fromDay, toDay, (lines) => summary.add(lines)))) {
    return refuse('report_too_large');
  }
  const report = summary.report();
  return format === 'csv' ? { kind: 'csv', text: usageCsv(report) } : json(usageView(read.query, report));
};
