import { randomUUID } from 'node:crypto';
import { askedAgain, mustBeRestorable, type RestoredHold } from '../../core/ledger/restore.ts';
import { StoreError } from '../../ports/key-store.ts';
import type { LedgerRecovery, StoreIdentity, StoreLook } from '../../ports/recovery.ts';
import { parseNumbers } from './answers.ts';
import { LOST, OTHER_SERVER } from './codes.ts';
import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import type { TimeSource } from './lua-begin.ts';
import { luaBeginAnew, luaDropClock, luaLookAtAll, luaNote } from './lua-recovery.ts';
import { reserveQuestion, resolveQuestion, type Question } from './questions.ts';
import { makeScripts, type Script } from './scripts.ts';
import { badReply, parseList } from './server.ts';
import type { Session } from './session.ts';
import { changedError } from './standing.ts';

/** Holds that are told again without waiting for the answer about the first. */
const togetherMax = 200;

/** A memory that was found without a name, by one who knew it: whoever comes anew must not take it for a new one. */
const lostPrefix = 'lost:';

/** What a store says of itself, and what its last admission was made on. */
interface WholeLook extends StoreLook {
  /** The run of the server that the clock was last written on; undefined where nothing was ever admitted. */
  readonly clockRunId: string | undefined;
}

export interface RecoveryOptions {
  readonly keys: Keys;
  readonly answerWaitMs: number;
  /** Whose time ends and cancellations take. */
  readonly time: { readonly source: TimeSource; readonly nowMs: () => number } | undefined;
}

/** What is done with a store that has lost its memory. `link` is one that tells no time of its own. */
export function recoveryOf(link: Link, session: Session, { keys, answerWaitMs, time }: RecoveryOptions): LedgerRecovery {
  // Admissions are told at their own time, by a clock of their own: that of the store must go on as it was.
  const clocked: Keys = { ...keys, clock: `${keys.notes}:${randomUUID()}` };
  const past = makeScripts('argument');
  const present = makeScripts(time?.source);
  const ask = (script: Script, question: Question): Promise<readonly unknown[]> => run(link, script, question, answerWaitMs);

  const restoreOne = async (hold: RestoredHold, sinceMs: number, { epoch = '', runId }: StoreIdentity, nowMs: number): Promise<void> => {
    if (hold.atMs >= sinceMs && hold.end !== 'cancel') {
      const { keys: names, values } = reserveQuestion([{ ...askedAgain(hold, nowMs), nowMs: hold.atMs }], clocked, { epoch, runId });
      mustBeSame(await ask(past.reserve, { keys: names, values: [...values, hold.atMs] }));
    }
    if (hold.end !== undefined) {
      const amounts = hold.end === 'cancel' ? undefined : hold.end;
      const { keys: names, values } = resolveQuestion([{ id: hold.id, amounts }], keys, epoch);
      mustBeSame(await ask(present.resolve, { keys: names, values: time === undefined ? values : [...values, time.nowMs()] }));
    }
  };

  return {
    known: session.known,
    change: session.change,
    // What is asked about a memory is asked by its name, so it gets one.
    look: () => lookAtAll(link, keys, answerWaitMs, `${lostPrefix}${randomUUID()}`),
    restore: async (holds, sinceMs, seen) => {
      holds.forEach(mustBeRestorable);
      const nowMs = time?.nowMs() ?? session.nowMs();
      const inOrder = holds.toSorted((left, right) => left.atMs - right.atMs);
      await ask(luaDropClock, { keys: [clocked.clock], values: [] });
      for (let from = 0; from < inOrder.length; from += togetherMax) {
        const some = inOrder.slice(from, from + togetherMax);
        await Promise.all(some.map((hold) => restoreOne(hold, sinceMs, seen, Math.floor(nowMs))));
      }
      await ask(luaDropClock, { keys: [clocked.clock], values: [] });
    },
    note: async (name, text) => {
      await ask(luaNote, { keys: [keys.notes], values: [name, text] });
    },
    begin: async (seen) => {
      const epoch = randomUUID();
      const [isDone] = await ask(luaBeginAnew, { keys: [keys.epoch, keys.clock], values: [seen.epoch ?? '', seen.runId, epoch] });
      if (isDone !== 1) {
        throw new StoreError('refused', new Error('the store has changed again: look at it once more before it is accepted'));
      }
      return { epoch, runId: seen.runId };
    },
    adopt: (now) => session.accept({ now }),
  };
}

/** The store that one who knows of none has to count on where it is not as it was left; undefined where nothing speaks against it. */
export async function knownByStore(link: Link, keys: Keys, waitMs: number): Promise<StoreIdentity | undefined> {
  const { now, clockRunId } = await lookAtAll(link, keys, waitMs, '');
  if (now.epoch?.startsWith(lostPrefix) === true) {
    return { epoch: undefined, runId: now.runId };
  }
  return clockRunId === undefined || clockRunId === now.runId ? undefined : { epoch: now.epoch, runId: clockRunId };
}

async function lookAtAll(link: Link, keys: Keys, waitMs: number, name: string): Promise<WholeLook> {
  const answer = await run(link, luaLookAtAll, { keys: [keys.epoch, keys.clock, keys.notes], values: [name] }, waitMs);
  const [epoch, runId, latest, now, clockRunId, notes] = answer;
  const [latestMs = 0, nowMs = 0] = parseNumbers([latest, now]);
  if (typeof epoch !== 'string' || typeof runId !== 'string' || typeof clockRunId !== 'string' || runId === '') {
    throw badReply('what the store is');
  }
  return {
    now: { epoch: epoch === '' ? undefined : epoch, runId },
    latestMs,
    nowMs,
    clockRunId: clockRunId === '' ? undefined : clockRunId,
    notes: new Map(pairsOf(parseList(notes))),
  };
}

function pairsOf(list: readonly unknown[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < list.length; index += 2) {
    const [name, text] = [list[index], list[index + 1]];
    if (typeof name === 'string' && typeof text === 'string') {
      pairs.push([name, text]);
    }
  }
  return pairs;
}

const run = async (link: Link, script: Script, { keys, values }: Question, waitMs: number): Promise<readonly unknown[]> =>
  parseList(await link.run(script, keys, values, waitMs));

function mustBeSame(answer: readonly unknown[]): void {
  if (answer[0] === LOST || answer[0] === OTHER_SERVER) {
    throw changedError(answer[0] === LOST ? 'memory' : 'server');
  }
}
