import { setTimeout as pause } from 'node:timers/promises';
import { didYouMean } from '../config/suggest.ts';
import type { Ledger } from '../ports/ledger.ts';
import {
  acceptedNote,
  encodeNote,
  isJournalNote,
  parseAccepted,
  parseReport,
  type Accepted,
  type Report,
} from '../ports/recovery-notes.ts';
import { isSameStore, type LedgerRecovery, type StoreIdentity, type StoreLook } from '../ports/recovery.ts';
import { refusePositionals, RefusedError, requiredText, UsageError, type Arguments } from './arguments.ts';
import { EXIT, type Command, type CommandContext } from './command.ts';
import { parsePrintable } from './key-fields.ts';
import { lostFigures, type LostFigures } from './lost-figures.ts';
import { lostTable } from './lost-table.ts';
import { runAction, toJson, type Action } from './run-command.ts';
import { renderTable } from './table.ts';

/** A process looks at the store each second, and has told its journal again soon after. */
const waitSecondsDefault = 15;
const waitSecondsMax = 3_600;
const pollMs = 250;
const processesMax = 10_000;

export interface LostLedger extends Pick<Ledger, 'openHolds'>, LedgerRecovery {
  close(): Promise<void>;
}

/** What these commands need beside their context. */
export interface RestoreNeeds {
  readonly openLedger: () => Promise<LostLedger>;
  /** How many processes the settings name. */
  readonly processes: () => number;
}

interface Waiting {
  readonly look: StoreLook;
  /** Of the journals that have told the store again what they know, and wait for the operator's word. */
  readonly reports: readonly Report[];
}

/** `usage`, with what is to be done when the ledger has lost its memory. */
export function usageWithRecovery(usage: Command, needs: RestoreNeeds): Command {
  const actions = [restoreAction(needs), acceptAction(needs)];
  const words = actions.map(({ name }) => name.slice('usage '.length));
  const help = `${usage.usage}
When the ledger has lost its memory; "sallyport usage restore --help" says more:
  sallyport usage restore
  sallyport usage accept --reason TEXT
`;
  return {
    ...usage,
    usage: help,
    run: async ([word = '', ...rest], context) => {
      const action = actions.find(({ name }) => name === `usage ${word}`);
      if (action !== undefined) {
        return runAction(action, rest, context);
      }
      if (word === '--help') {
        context.stdout(help);
        return EXIT.done;
      }
      if (word !== '' && !word.startsWith('-')) {
        context.stderr(`sallyport usage: there is no "usage ${word}"${didYouMean(word, words)}\nSee: sallyport usage --help\n`);
        return EXIT.usage;
      }
      return usage.run(word === '' ? rest : [word, ...rest], context);
    },
  };
}

const restoreAction = (needs: RestoreNeeds): Action => ({
  name: 'usage restore',
  usage: `Usage: sallyport usage restore [--processes N] [--wait SECONDS] [--json]

When the ledger has lost its memory (sallyport_ledger_lost is 1): waits until the journals of all processes have told it again what they
know, prints per limit what that is and what can have been lost, and lets all processes go on.

  --processes N   how many processes take holds from this ledger, on all machines (default: those of listen.grpc)
  --wait SECONDS  for the journals (default 15)
  --json          print the figures as JSON
`,
  names: { texts: ['processes', 'wait'], flags: [] },
  work: async (args, context) => {
    refusePositionals(args);
    const expected = numberOf(args, 'processes', processesMax) ?? needs.processes();
    const waitSeconds = numberOf(args, 'wait', waitSecondsMax) ?? waitSecondsDefault;
    await withLedger(needs, async (ledger) => {
      const waiting = await awaitReports(ledger, expected, waitSeconds);
      mustBeReported(waiting);
      const missing = expected - waiting.reports.length;
      print(args, context, waiting, missing);
      if (missing > 0) {
        throw new RefusedError(
          `${String(waiting.reports.length)} of ${String(expected)} journals have restored what they know; nothing is admitted yet: start the other processes and try again, or go on without them with "sallyport usage accept --reason TEXT"`,
        );
      }
      await goOn(ledger, waiting, 'restored by all journals', context);
    });
  },
});

const acceptAction = (needs: RestoreNeeds): Action => ({
  name: 'usage accept',
  usage: `Usage: sallyport usage accept --reason TEXT [--processes N] [--wait SECONDS] [--json]

Goes on with the ledger as it is after it has lost its memory, with what the journals have restored so far. Prints per limit what that is
and what can have been lost: beside what was restored, no more than the limit was admitted.

  --reason TEXT   why; kept in the ledger
  --processes N   how many processes take holds from this ledger, on all machines (default: those of listen.grpc)
  --wait SECONDS  for the journals (default 15)
  --json          print the figures as JSON
`,
  names: { texts: ['reason', 'processes', 'wait'], flags: [] },
  work: async (args, context) => {
    refusePositionals(args);
    const reason = parsePrintable('reason', requiredText(args, 'reason'));
    const expected = numberOf(args, 'processes', processesMax) ?? needs.processes();
    const waitSeconds = numberOf(args, 'wait', waitSecondsMax) ?? waitSecondsDefault;
    await withLedger(needs, async (ledger) => {
      const waiting = await awaitReports(ledger, 1, waitSeconds);
      mustBeReported(waiting);
      print(args, context, waiting, expected - waiting.reports.length);
      await goOn(ledger, waiting, reason, context);
    });
  },
});

function numberOf(args: Arguments, name: string, max: number): number | undefined {
  const text = args.text(name);
  const number = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (text !== undefined && (number < 1 || number > max)) {
    throw new UsageError(`--${name} takes a number from 1 to ${String(max)}`);
  }
  return text === undefined ? undefined : number;
}

async function withLedger(needs: RestoreNeeds, use: (ledger: LostLedger) => Promise<void>): Promise<void> {
  const ledger = await needs.openLedger();
  try {
    await use(ledger);
  } finally {
    await ledger.close();
  }
}

async function awaitReports(ledger: LedgerRecovery, count: number, waitSeconds: number): Promise<Waiting> {
  const untilMs = performance.now() + waitSeconds * 1_000;
  for (;;) {
    const look = await ledger.look();
    const reports = reportsOf(look);
    if (reports.length >= count || performance.now() >= untilMs) {
      return { look, reports };
    }
    await pause(pollMs);
  }
}

/** Reports of processes that have not gone on since. */
function reportsOf({ notes }: StoreLook): readonly Report[] {
  const succeeded = parseAccepted(notes.get(acceptedNote))?.succeeds ?? [];
  return [...notes]
    .flatMap(([name, text]) => (isJournalNote(name) ? (parseReport(text) ?? []) : []))
    .filter(({ before }) => !succeeded.some((store) => isSameStore(store, before)));
}

function mustBeReported({ reports }: Waiting): void {
  if (reports.length === 0) {
    throw new RefusedError(
      'no process waits for this: none has found that the ledger lost its memory. Where sallyport_ledger_lost is 1 nonetheless, see that the processes reach the ledger, and try again',
    );
  }
}

async function goOn(ledger: LedgerRecovery, { look, reports }: Waiting, reason: string, context: CommandContext): Promise<void> {
  const store = await ledger.begin(look.now);
  const accepted: Accepted = {
    store,
    succeeds: distinct(reports.map(({ before }) => before)),
    sinceMs: Math.min(...reports.map(({ sinceMs }) => sinceMs)),
    reason,
    atMs: context.now(),
  };
  await ledger.note(acceptedNote, encodeNote(accepted));
  context.stderr('All processes go on within 2 seconds.\n');
}

const distinct = (stores: readonly StoreIdentity[]): readonly StoreIdentity[] =>
  stores.filter((store, index) => stores.findIndex((other) => isSameStore(store, other)) === index);

function print(args: Arguments, context: CommandContext, { reports }: Waiting, missing: number): void {
  const figures = lostFigures(reports, missing);
  context.stdout(args.has('json') ? toJson(viewOf(reports, missing, figures)) : textOf(reports, missing, figures));
}

const viewOf = (reports: readonly Report[], missing: number, { figures, isWhole, unlisted }: LostFigures) => ({
  journals: reports.map(({ name, holds, coversFromMs }) => ({ name, holds, coversFrom: coveredText(coversFromMs) })),
  missing: Math.max(0, missing),
  limits: figures.map(({ kind, key, limit, restored, lostMax }) => ({ kind, limit: key, of: limit, restored, lostAtMost: lostMax })),
  unlisted,
  whole: isWhole,
});

function textOf(reports: readonly Report[], missing: number, { figures, isWhole, unlisted }: LostFigures): string {
  const journals = renderTable(
    ['JOURNAL', 'HOLDS', 'WHOLE SINCE'],
    reports.map(({ name, holds, coversFromMs }) => [name, String(holds), coveredText(coversFromMs)]),
  );
  const more = [
    ...(missing > 0 ? [`${String(missing)} journals are missing.`] : []),
    ...(unlisted > 0 ? [`${String(unlisted)} further counters were restored and are not listed.`] : []),
    isWhole ? 'Nothing is missing under any limit.' : 'Under limits that are not listed, up to the whole limit can have been lost.',
  ];
  return `${journals}\n${lostTable(figures)}\n${more.join('\n')}\n`;
}

const coveredText = (coversFromMs: number): string => (coversFromMs === 0 ? 'everything' : new Date(coversFromMs).toISOString());
