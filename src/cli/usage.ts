import { figures, usageCsv } from '../policy/usage/csv.ts';
import { readUsageQuery } from '../policy/usage/query.ts';
import { openUsageSummary, USAGE_DIMENSIONS, type UsageReport } from '../policy/usage/report.ts';
import { usageView } from '../policy/usage/view.ts';
import { readSpending } from '../ports/read-spending.ts';
import { refusePositionals, RefusedError, UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { runAction, toJson, type Action } from './run-command.ts';
import { renderTable } from './table.ts';

/** Beyond this a report is no report; a spreadsheet ends at about as many lines. */
const rowsMax = 1_000_000;

const usageAction: Action = {
  name: 'usage',
  usage: `Usage: sallyport usage [--from DAY] [--to DAY] [--by LIST] [--json | --csv]

Requests, tokens and money from the ledger's statement, added up exactly; the total is the sum of the lines. Days are those of the
tenants' calendars, and a request counts on the day it was admitted, once it is over.

  --from DAY      first day, such as 2026-11-01 (default: the first of this month)
  --to DAY        last day (default: the latest that has begun anywhere)
  --by LIST       any of ${USAGE_DIMENSIONS.join(',')} (default: team,model)
  --json          print the report as JSON
  --csv           print the report as CSV (RFC 4180)
`,
  names: { texts: ['from', 'to', 'by'], flags: ['csv'] },
  work: async (args, context) => {
    refusePositionals(args);
    if (args.has('json') && args.has('csv')) {
      throw new UsageError('say --json or --csv, not both');
    }
    const read = readUsageQuery({ from: args.text('from'), to: args.text('to'), by: args.text('by') }, context.now());
    if (read.kind === 'problem') {
      throw new UsageError(`--${read.name}: ${read.problem}`);
    }
    const { fromDay, toDay, by } = read.query;
    const summary = openUsageSummary(by, rowsMax);
    const ledger = await context.openLedger();
    try {
      if (!(await readSpending(ledger, fromDay, toDay, (lines) => summary.add(lines)))) {
        throw new RefusedError(`this report has over ${String(rowsMax)} rows: ask for fewer days or names`);
      }
    } finally {
      await ledger.close();
    }
    const report = summary.report();
    const text = args.has('json') ? toJson(usageView(read.query, report)) : args.has('csv') ? usageCsv(report) : tableOf(report);
    context.stdout(text);
  },
};

/** Figures stand flush right, so that a column of them can be read. */
function tableOf({ by, rows, total }: UsageReport): string {
  const lines = [
    ...rows.map((row) => ({ names: row.names.map(([, name]) => (name === '' ? '-' : name)), cells: figures(row) })),
    { names: by.map((_, index) => (index === 0 ? 'TOTAL' : '')), cells: figures(total) },
  ];
  const heads = ['REQUESTS', 'TOKENS', 'USD'];
  const widths = heads.map((head, index) => Math.max(head.length, ...lines.map(({ cells }) => cells[index]?.length ?? 0)));
  const flushRight = (cells: readonly string[]): readonly string[] => cells.map((cell, index) => cell.padStart(widths[index] ?? 0));
  return renderTable(
    [...by.map((dimension) => dimension.toUpperCase()), ...flushRight(heads)],
    lines.map(({ names, cells }) => [...names, ...flushRight(cells)]),
  );
}

/** What was spent, out of the ledger itself. */
export const usageCommand: Command = {
  name: 'usage',
  summary: 'requests, tokens and money by team, client, key, user, model and day',
  usage: usageAction.usage,
  run: (args, context) => runAction(usageAction, args, context),
};
