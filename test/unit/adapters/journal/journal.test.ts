import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAppendFile, type AppendFile } from '../../../../src/adapters/journal/append-file.ts';
import { openJournal } from '../../../../src/adapters/journal/journal.ts';
import { parseEntry } from '../../../../src/adapters/journal/lines.ts';
import { JournalError, type GrantedHold, type Journal } from '../../../../src/ports/journal.ts';
import { account, always, amounts, budget, concurrent, hourMs, requests, tokens } from '../../../support/holds.ts';
import { makeTempDir, type TempDir } from '../../../support/temp-dir.ts';

const nowMs = 1_800_000_000_000;
const held = { requests: 1, tokens: 20, nanoUsd: 300 };
const settled = { requests: 1, tokens: 7, nanoUsd: 70 };
const holdOf = (id: string, changes: Partial<GrantedHold> = {}): GrantedHold => ({
  id,
  atMs: nowMs,
  counters: [requests('r|ö "x"', 5), tokens('t', 100), concurrent('c', 2), budget('b', 1_000)],
  amounts: held,
  account,
  days: [always],
  ...changes,
});

const turn = (): Promise<unknown> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

const told = (journal: Journal) => new Map(journal.contents('all').holds.map(({ id, end }) => [id, end]));

describe('a journal', () => {
  let directory: TempDir;
  let path: string;
  let opened: Journal[];

  const open = (options: { readonly openFile?: (path: string) => AppendFile; readonly grownBytes?: number; readonly at?: string } = {}) => {
    const { at = path, ...rest } = options;
    const journal = openJournal({ path: at, clock: () => nowMs, ...rest });
    opened.push(journal);
    return journal;
  };

  beforeEach(() => {
    directory = makeTempDir();
    path = directory.file('journals/journal-0.jsonl');
    opened = [];
  });
  afterEach(() => {
    for (const journal of opened) {
      journal.close();
    }
    directory.remove();
  });

  it('knows after a kill what was held, with every counter, and lets it be charged in full', async () => {
    // Never closed: what was written is with the operating system.
    const first = open();
    await first.held(holdOf('a'));
    const second = open();
    expect(second.id).toBe(first.id);
    expect(second.contents('all')).toEqual({
      holds: [{ ...holdOf('a'), days: [always], leaseMs: 30_000, end: held }],
      coversFromMs: nowMs,
    });
    expect(second.unacknowledged()).toEqual(new Map());
  });

  it('gives back what was decided and not acknowledged, and nothing else', async () => {
    const first = open();
    for (const id of ['a', 'b', 'c']) {
      await first.held(holdOf(id));
    }
    first.ended('a', settled);
    first.ended('b', settled);
    first.acknowledged('b');
    first.ended('c', 'cancel');
    first.ended('never-granted', 'cancel');
    first.close();
    const second = open();
    expect(second.unacknowledged()).toEqual(
      new Map<string, unknown>([
        ['a', settled],
        ['c', 'cancel'],
        ['never-granted', 'cancel'],
      ]),
    );
    expect(told(second)).toEqual(
      new Map<string, unknown>([
        ['a', settled],
        ['b', settled],
        ['c', 'cancel'],
      ]),
    );
  });

  it('remembers the store that was counted on', () => {
    const first = open();
    expect(first.known()).toBeUndefined();
    first.know({ epoch: 'e', runId: 'r' });
    first.know({ epoch: undefined, runId: '' });
    first.know({ epoch: 'e2', runId: 'r2' });
    expect(open().known()).toEqual({ epoch: 'e2', runId: 'r2' });
    expect(open().known()).toEqual({ epoch: 'e2', runId: 'r2' });
  });

  it('torn at any byte of its last line is as if that line had not been written', async () => {
    const first = open();
    await first.held(holdOf('a'));
    await first.held(holdOf('b'));
    first.close();
    const whole = readFileSync(path);
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let length = lastLine; length < whole.length - 1; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      const again = open();
      expect([...told(again).keys()]).toEqual(['a']);
      await again.held(holdOf('c'));
      again.close();
      const third = open();
      expect([...told(third).keys()]).toEqual(['a', 'c']);
      third.close();
    }
    // Without its line break it is whole.
    writeFileSync(path, whole.subarray(0, -1));
    expect([...told(open()).keys()]).toEqual(['a', 'b']);
  }, 30_000);

  it.each(['[]', '["h"]', '["a",""]', '["e","a",[1,2]]', '["e","a",[1,2,-1]]', '["k",1,2]', '{}', 'null', '["a","b","c"]', '', 'x'])(
    'makes nothing of a line like %s',
    (line) => {
      expect(parseEntry(line)).toBeUndefined();
    },
  );

  it('is written anew when it has grown, while it goes on, and loses nothing by it', async () => {
    const rewritten: string[] = [];
    const first = open({
      grownBytes: 20_000,
      openFile: (file) => {
        rewritten.push(file);
        return openAppendFile(file);
      },
    });
    for (let number = 0; number < 500; number += 1) {
      const id = `h${String(number)}`;
      await first.held(holdOf(id, { atMs: nowMs - 2 * hourMs - number, counters: [tokens('t', 100)] }));
      first.ended(id, settled);
      first.acknowledged(id);
      if (number % 7 === 0) {
        await turn();
      }
    }
    await first.held(holdOf('open'));
    first.ended('decided', 'cancel');
    first.close();
    const second = open({ grownBytes: 20_000 });
    const { holds } = second.contents('all');
    expect(holds.reduce((sum, { end }) => sum + (end === undefined || end === 'cancel' ? 0 : end.tokens), 0)).toBe(500 * 7 + 20);
    expect(second.unacknowledged().has('decided')).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(rewritten.length).toBeGreaterThan(2);
  });

  it('stays small where what it noted does not matter any more', async () => {
    let clockMs = nowMs;
    const journal = openJournal({ path, clock: () => clockMs, grownBytes: 20_000 });
    opened.push(journal);
    for (let number = 0; number < 2_000; number += 1) {
      clockMs += hourMs;
      const id = `h${String(number)}`;
      await journal.held(
        holdOf(id, {
          atMs: clockMs,
          days: [{ id: String(number), fromMs: clockMs, toMs: clockMs + 1 }],
          counters: [tokens('t', 9, 60_000)],
        }),
      );
      journal.ended(id, settled);
      journal.acknowledged(id);
      await turn();
    }
    expect(statSync(path).size).toBeLessThan(100_000);
    expect(journal.contents('all').holds.length).toBeLessThan(200);
  });

  it('goes on in its old file where there is no room for a new one', async () => {
    let files = 0;
    const first = open({
      grownBytes: 1_000,
      openFile: (file) => {
        files += 1;
        if (files === 2) {
          throw new Error('no room');
        }
        return openAppendFile(file);
      },
    });
    for (let number = 0; number < 60; number += 1) {
      await first.held(holdOf(`h${String(number)}`));
      await turn();
    }
    expect(files).toBeGreaterThan(2);
    expect(first.healthy()).toBe(true);
    first.close();
    expect(open().contents('all').holds).toHaveLength(60);
  });

  it('that is killed while it is written anew is as it was before', async () => {
    const first = open({ grownBytes: 1_000 });
    for (let number = 0; number < 20; number += 1) {
      await first.held(holdOf(`h${String(number)}`));
    }
    first.close();
    await turn();
    writeFileSync(`${path}.new`, '["j","half');
    expect(open().contents('all').holds).toHaveLength(20);
  });

  it('refuses a hold on a full disk, says so, and goes on when there is room, with nothing torn', async () => {
    let isFull = false;
    const journal = open({
      openFile: (file) => {
        const [real, full] = [openAppendFile(file), openAppendFile('/dev/full')];
        return {
          append: (text) => {
            (isFull ? full : real).append(text);
          },
          bytes: () => real.bytes(),
          close: () => {
            real.close();
            full.close();
          },
        };
      },
    });
    await journal.held(holdOf('a'));
    isFull = true;
    await expect(journal.held(holdOf('b'))).rejects.toThrow(JournalError);
    await expect(journal.held(holdOf('b'))).rejects.toThrow(/ENOSPC.*make room/);
    expect(journal.healthy()).toBe(false);
    journal.ended('a', settled);
    journal.ended('b', 'cancel');
    isFull = false;
    await journal.held(holdOf('c'));
    expect(journal.healthy()).toBe(true);
    expect([...told(journal)]).toEqual([
      ['a', settled],
      ['c', undefined],
    ]);
    const again = open();
    expect(again.unacknowledged()).toEqual(
      new Map<string, unknown>([
        ['a', settled],
        ['b', 'cancel'],
      ]),
    );
  });

  it('writes what is granted in one turn at once, and refuses all of it where that fails', async () => {
    const appended: string[] = [];
    let isFull = false;
    const journal = open({
      openFile: (at) => {
        const file = openAppendFile(at);
        return {
          ...file,
          append: (text) => {
            if (isFull) {
              throw new Error('no space');
            }
            appended.push(text);
            file.append(text);
          },
        };
      },
    });
    await Promise.all(['a', 'b', 'c'].map((id) => journal.held(holdOf(id))));
    expect(appended.map((text) => text.split('\n').length - 1)).toEqual([3]);
    isFull = true;
    const refused = await Promise.allSettled(['d', 'e'].map((id) => journal.held(holdOf(id))));
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect([...told(journal).keys()]).toEqual(['a', 'b', 'c']);
    isFull = false;
    const late = journal.held(holdOf('f'));
    journal.close();
    await expect(late).rejects.toThrow('closed');
    expect([...told(open()).keys()]).toEqual(['a', 'b', 'c']);
  });

  it('begins a line of its own after a write that was cut off', async () => {
    const file = openAppendFile('/dev/full');
    expect(() => {
      file.append('x');
    }).toThrow(/ENOSPC/);
    file.close();
    writeFileSync(directory.file('torn'), '["h",["a",1,');
    const journal = open({ at: directory.file('torn') });
    await journal.held(holdOf('b'));
    expect([...told(open({ at: directory.file('torn') })).keys()]).toEqual(['b']);
  });

  it('that cannot be made says where and what to do', () => {
    writeFileSync(directory.file('file'), '');
    expect(() => open({ at: directory.file('file/journal') })).toThrow(/file\/journal cannot be written .*see that it may be written/);
  });

  it('tells a store that has lost only its last writes no sums', async () => {
    const journal = open();
    await journal.held(holdOf('a', { amounts: amounts({ tokens: 1 }) }));
    expect(journal.contents('recent')).toMatchObject({ holds: [{ id: 'a', end: undefined }], coversFromMs: nowMs });
  });
});
