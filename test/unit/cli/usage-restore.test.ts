import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteLedger, type SqliteLedger } from '../../../src/adapters/sqlite/ledger-store.ts';
import { lostFigures } from '../../../src/cli/lost-figures.ts';
import { usageWithRecovery } from '../../../src/cli/usage-restore.ts';
import { usageCommand } from '../../../src/cli/usage.ts';
import { acceptedNote, encodeNote, journalNote, parseAccepted, parseReport, type Report } from '../../../src/ports/recovery-notes.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { nowMs, startCommands, type Ran } from './command-context.ts';

const hourMs = 3_600_000;
const before = { epoch: 'the-memory-before', runId: '' };
const report = (changes: Partial<Report> = {}): Report => ({
  name: 'machine instance 0',
  before,
  sinceMs: 0,
  atMs: nowMs,
  coversFromMs: 0,
  holds: 3,
  counters: [{ kind: 'tokens', key: 'tokens|3600000|client||app', fromMs: nowMs - hourMs, limit: 100, restored: 30 }],
  unlisted: 0,
  ...changes,
});

const counterOf = (kind: 'budget' | 'concurrent' | 'requests', key: string, limit: number, restored: number) => ({
  kind,
  key,
  limit,
  restored,
  fromMs: 0,
});

function expectAnswer(ran: Ran, code: number, where: 'stdout' | 'stderr', text: RegExp): void {
  expect(ran.code).toBe(code);
  expect(ran[where]).toMatch(text);
}

describe('sallyport usage restore and accept', () => {
  let directory: TempDir;
  let ledger: SqliteLedger;
  let commands: ReturnType<typeof startCommands>;

  const path = (): string => directory.file('ledger.db');
  const run = (...args: string[]) =>
    commands.run(usageWithRecovery(usageCommand, { openLedger: () => openSqliteLedger({ path: path() }), processes: () => 2 }), ...args);
  const tell = async (id: string, changes: Partial<Report> = {}): Promise<void> =>
    ledger.note(journalNote(id), encodeNote(report(changes)));
  const accepted = async () => parseAccepted((await ledger.look()).notes.get(acceptedNote));

  beforeEach(async () => {
    directory = makeTempDir();
    commands = startCommands();
    ledger = await openSqliteLedger({ path: path() });
  });
  afterEach(async () => {
    await ledger.close();
    commands.remove();
    directory.remove();
  });

  it('restores once all journals have spoken, and names what goes on', async () => {
    await tell('a');
    await tell('b');
    const { code, stdout, stderr } = await run('restore');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'All processes go on within 2 seconds.\n' });
    expect(stdout).toMatch(/machine instance 0 +3 +everything/);
    expect(stdout).toMatch(/tokens per 3600 s, client app +100 +60 +0\n/);
    expect(stdout).toContain('Nothing is missing under any limit.');
    expect(await accepted()).toEqual({
      store: ledger.known(),
      succeeds: [before],
      sinceMs: 0,
      reason: 'restored by all journals',
      atMs: nowMs,
    });
  });

  it('says limits and money as the settings do', async () => {
    await tell('a', {
      counters: [
        counterOf('budget', 'budget|day|model||large', 2_500_000_000, 1),
        counterOf('concurrent', 'concurrent||team|large|apps', 5, 2),
        counterOf('requests', 'requests|60000|global||', 9, 3),
      ],
    });
    const { stdout } = await run('accept', '--reason', 'a test');
    expect(stdout).toMatch(/\nbudget per day, model large +2\.500000000 USD +0\.000000001 USD +2\.499999999 USD\n/);
    expect(stdout).toMatch(/\nconcurrent, team apps, model large +5 +2 +3\n/);
    expect(stdout).toMatch(/\nrequests per 60 s, global +9 +3 +6\n/);
  });

  it('does not restore while journals are missing: prints what can be lost, and changes nothing', async () => {
    await tell('a', { coversFromMs: nowMs - 5_000, unlisted: 4 });
    const { code, stdout, stderr } = await run('restore', '--wait', '1', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      journals: [{ name: 'machine instance 0', holds: 3, coversFrom: new Date(nowMs - 5_000).toISOString() }],
      missing: 1,
      limits: [{ kind: 'tokens', limit: 'tokens|3600000|client||app', of: 100, restored: 30, lostAtMost: 70 }],
      unlisted: 4,
      whole: false,
    });
    expect(stderr).toMatch(/1 of 2 journals .*usage accept --reason/);
    expect(await accepted()).toBeUndefined();
  });

  it('accepts what is there with a reason, which is kept', async () => {
    await tell('a', { unlisted: 4 });
    const { code, stdout } = await run('accept', '--reason', 'one machine is gone');
    expect(code).toBe(0);
    expect(stdout).toContain('1 journals are missing.');
    expect(stdout).toContain('4 further counters');
    expect(stdout).toContain('up to the whole limit');
    expect((await accepted())?.reason).toBe('one machine is gone');
    // Who has gone on waits no more.
    expectAnswer(await run('accept', '--reason', 'again', '--wait', '1'), 1, 'stderr', /no process waits/);
  });

  it('asks nothing of a ledger that has lost nothing', async () => {
    expectAnswer(await run('restore', '--wait', '1'), 1, 'stderr', /no process waits/);
    await ledger.note(journalNote('a'), 'no report');
    expect(await run('restore', '--wait', '1')).toMatchObject({ code: 1 });
  });

  it.each([
    [['accept'], /--reason/],
    [['restore', 'x'], /x/],
    [['restore', '--processes', '0'], /--processes takes a number from 1/],
    [['accept', '--reason', 'r', '--wait', 'soon'], /--wait takes a number/],
    [['restore', '--reason', 'r'], /reason/],
  ])('called as %j says what is expected', async (args, message) => {
    expectAnswer(await run(...args), 2, 'stderr', message);
  });

  it('leaves the report of usage as it is', async () => {
    expectAnswer(await run('--help'), 0, 'stdout', /--by LIST[^]*sallyport usage accept --reason TEXT/);
    expectAnswer(await run('restor'), 2, 'stderr', /there is no "usage restor" \(did you mean "restore"\?\)/);
    expectAnswer(await run('restore', '--help'), 0, 'stdout', /--processes N/);
    expect(await run()).toMatchObject({ code: 0 });
  });
});

describe('what can have been lost', () => {
  const slots = { kind: 'concurrent', key: 'c', fromMs: undefined, limit: 5, restored: 2 } as const;

  it('is nothing where every journal is whole since the window began', () => {
    const since = nowMs - 2 * hourMs;
    expect(lostFigures([report({ coversFromMs: since }), report()], 0)).toMatchObject({
      figures: [{ restored: 60, lostMax: 0 }],
      isWhole: false,
    });
  });

  it('is up to the rest of the limit where one is not', () => {
    const since = nowMs - hourMs + 1;
    expect(lostFigures([report({ coversFromMs: since }), report()], 0).figures).toMatchObject([{ restored: 60, lostMax: 40 }]);
    expect(lostFigures([report({ counters: [slots] })], 1).figures).toMatchObject([{ restored: 2, lostMax: 3 }]);
    expect(lostFigures([report({ counters: [slots], coversFromMs: since })], 0).figures).toMatchObject([{ lostMax: 0 }]);
  });

  it('is never below 0', () => {
    const [counter] = report().counters;
    const over = counter === undefined ? [] : [{ ...counter, restored: 400 }];
    expect(lostFigures([report({ counters: over })], 3).figures).toMatchObject([{ lostMax: 0 }]);
  });
});

it.each([undefined, '', '{}', '[]', '{"store":{}}', 'null'])('notes like %j are none', (text) => {
  expect([parseAccepted(text), parseReport(text)]).toEqual([undefined, undefined]);
});
