import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from '../../src/adapters/journal/journal.ts';
import type { RestoredHold } from '../../src/core/ledger/restore.ts';
import { systemClock } from '../../src/core/clock.ts';
import { NOTHING, type Amounts } from '../../src/core/limit.ts';
import { openRecovery, type RecoveryStep } from '../../src/pipeline/recovery.ts';
import type { Journal } from '../../src/ports/journal.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { acceptedNote, encodeNote, journalNote, parseReport } from '../../src/ports/recovery-notes.ts';
import type { LedgerRecovery, StoreIdentity } from '../../src/ports/recovery.ts';
import { account, amounts, budget, concurrent, dayMs, holdOf, requests, tokens } from '../support/holds.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';

export interface RestorableLedger extends Ledger, LedgerRecovery {
  healthy(): boolean;
  close(): Promise<void>;
}

/** One store, as this suite needs it. */
export interface RestorableStore {
  open(known?: StoreIdentity): Promise<RestorableLedger>;
  /** Makes the store one that was restarted empty, while handles are open. */
  loseMemory(): Promise<void>;
  dispose(): Promise<void>;
}

const noticedMs = 20_000;
/** What an operator is promised. */
const goOnMs = 2_000;
const counters = [requests('r', 5, dayMs), tokens('t', 1_000, dayMs), concurrent('c', 4), budget('b', 1_000)];
const held: Amounts = { requests: 1, tokens: 20, nanoUsd: 300 };
const settled: Amounts = { requests: 1, tokens: 7, nanoUsd: 70 };

const restored = (changes: Partial<RestoredHold> = {}): RestoredHold => ({
  ...holdOf(counters, { amounts: held }),
  atMs: Date.now() - 60_000,
  end: undefined,
  ...changes,
});

/** The suite that every store has to pass that may lose its memory. */
export function describeRestoring(name: string, start: () => Promise<RestorableStore>): void {
  describe(`${name} that has lost its memory`, () => {
    let store: RestorableStore;
    let directory: TempDir;
    let closing: (() => unknown)[];
    let ledger: RestorableLedger;

    const open = async (known?: StoreIdentity): Promise<RestorableLedger> => {
      const opened = await store.open(known);
      closing.push(() => opened.close());
      return opened;
    };
    const used = async (of: Ledger = ledger): Promise<readonly number[]> => (await of.usage(counters)).map((each) => each.used);
    /** As it is now, whoever counts on something else. */
    const usedNow = async (): Promise<readonly number[]> => used(await open((await ledger.look()).now));
    const lost = async (of: LedgerRecovery = ledger): Promise<void> => {
      await store.loseMemory();
      await until(() => of.change(), { deadlineMs: noticedMs, what: 'the loss to be noticed' });
    };
    const journalOf = (process: string): Journal => {
      const journal = openJournal({ path: directory.file(`${process}.jsonl`), clock: systemClock });
      closing.push(() => journal.close());
      return journal;
    };
    /** A process with a journal, as far as it matters here. */
    const startProcess = (on: RestorableLedger, journal: Journal) => {
      const steps: RecoveryStep['kind'][] = [];
      const recovery = openRecovery({ ledger: on, journal, name: 'a process', tell: ({ kind }) => steps.push(kind) });
      closing.push(() => recovery.close());
      return {
        steps,
        recovery,
        hold: async (): Promise<string> => {
          const request = holdOf(counters, { amounts: held });
          const answer = await on.reserve(request);
          if (answer.kind !== 'granted') {
            throw new Error(`not granted: ${answer.kind}`);
          }
          await journal.held({ ...request, atMs: answer.atMs });
          return request.id;
        },
        settle: async (id: string): Promise<void> => {
          journal.ended(id, settled);
          await on.settle(id, settled);
          journal.acknowledged(id);
        },
        until: (step: RecoveryStep['kind']) => until(() => steps.includes(step), { deadlineMs: noticedMs, what: step }),
      };
    };
    /** The operator's word. */
    const accept = async (succeeds: readonly StoreIdentity[]): Promise<void> => {
      const operator = await open();
      const { now } = await operator.look();
      const next = await operator.begin(now);
      await operator.note(acceptedNote, encodeNote({ store: next, succeeds, sinceMs: 0, reason: 'a test', atMs: Date.now() }));
    };

    beforeEach(async () => {
      directory = makeTempDir();
      closing = [];
      store = await start();
      ledger = await open();
    });
    afterEach(async () => {
      for (const close of closing.toReversed()) {
        await close();
      }
      await store.dispose();
      directory.remove();
    });

    it('is told again what it held and what was settled, each charged once and at its time, before anything is admitted', async () => {
      await lost();
      await expect(ledger.reserve(holdOf(counters))).rejects.toMatchObject({ name: 'StoreError' });
      const { now } = await ledger.look();
      const running = restored();
      const told = [
        running,
        restored({ end: settled }),
        restored({ end: 'cancel' }),
        restored({ atMs: Date.now() - 2 * dayMs, end: settled, days: [{ id: 'before', fromMs: 0, toMs: Date.now() - dayMs }] }),
      ];
      for (let time = 0; time < 3; time += 1) {
        await ledger.restore(told, 0, now);
      }
      // The window of a day is over for the oldest; the budget is not.
      expect(await usedNow()).toEqual([2, 27, 1, 440]);
      const reader = await open(now);
      expect(await reader.openHolds()).toBe(1);
      expect(await reader.spending('before', 'before')).toEqual([{ day: 'before', ...account, ...settled }]);
      expect(ledger.healthy()).toBe(false);

      await ledger.adopt((await ledger.look()).now);
      expect([ledger.change(), ledger.healthy()]).toEqual([undefined, true]);
      expect(await ledger.settle(running.id, settled)).toBe('settled');
      expect(await used()).toEqual([2, 14, 0, 210]);
      expect(await ledger.reserve(holdOf(counters))).toMatchObject({ kind: 'granted' });
    });

    it('keeps its places for the holds that are told again, until their lease ends', async () => {
      await lost();
      await ledger.restore(
        Array.from({ length: 4 }, () => restored({ counters: [concurrent('c', 4)], leaseMs: 60_000 })),
        0,
        (await ledger.look()).now,
      );
      await ledger.adopt((await ledger.look()).now);
      expect(await ledger.reap()).toBe(0);
      expect(await ledger.reserve(holdOf([concurrent('c', 4)]))).toMatchObject({ kind: 'refused' });
    });

    it('that kept its counters is not charged again for what it has forgotten the id of', async () => {
      const { now } = await ledger.look();
      const atMs = Date.now() - 60_000;
      await ledger.restore([restored({ atMs, end: settled }), restored({ atMs })], atMs + 1, now);
      expect(await used()).toEqual([0, 0, 0, 0]);
      const known = holdOf(counters, { amounts: held });
      await ledger.reserve(known);
      await ledger.restore([restored({ id: known.id, atMs, end: settled })], atMs + 1, now);
      expect(await used()).toEqual([1, 7, 0, 70]);
    });

    it.each([{ end: amounts({ tokens: Number.NaN }) }, { amounts: amounts({ nanoUsd: -1 }) }])(
      'takes no figures like %j',
      async (changes) => {
        const { now } = await ledger.look();
        await expect(ledger.restore([restored({ end: NOTHING }), restored(changes)], 0, now)).rejects.toMatchObject({
          name: 'InvariantError',
        });
        expect(await used()).toEqual([0, 0, 0, 0]);
      },
    );

    it('is not told what another one lost, and not accepted where it has changed meanwhile', async () => {
      const { now } = await ledger.look();
      await lost();
      await expect(ledger.restore([restored()], 0, now)).rejects.toMatchObject({ name: 'StoreError' });
      await expect(ledger.begin(now)).rejects.toMatchObject({ code: 'refused' });
      await expect(ledger.adopt(now)).rejects.toMatchObject({ code: 'refused' });
      expect(ledger.change()?.kind).toBe('memory');
    });

    it('is not taken for a new one by a process that knew it, though it starts when everything is over', async () => {
      const known = ledger.known();
      await store.loseMemory();
      const again = await open(known);
      expect(again.change()).toMatchObject({ kind: 'memory', before: known });
      expect(again.healthy()).toBe(false);
      await expect(again.reserve(holdOf(counters))).rejects.toMatchObject({ name: 'StoreError' });
    });

    it('goes on for every process within 2 s of the operator’s word, with what all of them had spent', async () => {
      const before = ledger.known();
      const [one, two] = [startProcess(ledger, journalOf('one')), startProcess(await open(), journalOf('two'))];
      const running = await one.hold();
      await one.settle(await one.hold());
      await two.settle(await two.hold());
      await store.loseMemory();
      await Promise.all([one.until('restored'), two.until('restored')]);
      expect([one.recovery.isLost(), two.recovery.isLost()]).toEqual([true, true]);
      await expect(one.hold()).rejects.toMatchObject({ name: 'StoreError' });
      expect(await usedNow()).toEqual([3, 34, 1, 440]);

      await accept([before]);
      const acceptedAtMs = performance.now();
      await Promise.all([one.until('went-on'), two.until('went-on')]);
      expect(performance.now() - acceptedAtMs).toBeLessThan(goOnMs);
      await one.settle(running);
      expect(await used()).toEqual([3, 21, 0, 210]);
      await one.hold();
      await two.hold();
      expect(await ledger.reserve(holdOf(counters))).toMatchObject({ kind: 'refused' });
      expect(one.steps).toEqual(['lost', 'restored', 'went-on']);
    });

    it('is told by a process that comes late what its journal knows, before that one admits anything', async () => {
      const journal = journalOf('late');
      const first = startProcess(ledger, journal);
      await first.settle(await first.hold());
      await first.hold();
      await until(() => journal.known(), { deadlineMs: noticedMs, what: 'the store to be noted' });
      await first.recovery.close();
      journal.close();
      const before = ledger.known();
      await store.loseMemory();
      await accept([before]);

      const again = journalOf('late');
      const late = await open(again.known());
      const process = startProcess(late, again);
      await process.until('went-on');
      // Of the hold that it left nobody knows the end: it is charged in full.
      expect(await used(late)).toEqual([2, 27, 0, 370]);
      expect(process.steps).toEqual(['lost', 'restored', 'went-on']);
      expect(again.known()).toEqual(late.known());
    });

    it('is not gone on with on a word about another one', async () => {
      const journal = journalOf('one');
      const process = startProcess(ledger, journal);
      await process.hold();
      await store.loseMemory();
      await process.until('restored');
      await accept([{ epoch: 'another', runId: 'store' }]);
      const operator = await open();
      const { now, notes } = await operator.look();
      expect(parseReport(notes.get(journalNote(journal.id)))).toMatchObject({ name: 'a process', holds: 1 });
      await until(async () => (await used(operator))[0] === 1, { deadlineMs: noticedMs, what: 'the hold to be there' });
      await expect(process.hold()).rejects.toMatchObject({ name: 'StoreError' });
      expect([process.recovery.isLost(), ledger.known()]).not.toEqual([false, now]);
    });

    it('is told everything again where it is lost once more before anybody has accepted it', async () => {
      const process = startProcess(ledger, journalOf('one'));
      await process.settle(await process.hold());
      await store.loseMemory();
      await process.until('restored');
      await store.loseMemory();
      await until(() => process.steps.filter((step) => step === 'restored').length === 2, {
        deadlineMs: noticedMs,
        what: 'the second telling',
      });
      expect(await usedNow()).toEqual([1, 7, 0, 70]);
    });
  });
}
