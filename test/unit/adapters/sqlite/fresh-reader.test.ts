import { beforeEach, describe, expect, it } from 'vitest';
import { openFreshReader, type FreshReader } from '../../../../src/adapters/sqlite/fresh-reader.ts';
import { openLink, type Link } from '../../../../src/adapters/sqlite/link.ts';
import type { Close } from '../../../../src/adapters/sqlite/conversation.ts';
import type { Answer, Question } from '../../../../src/adapters/sqlite/protocol.ts';
import { freshMsMax } from '../../../../src/adapters/sqlite/pulse.ts';
import type { StandingApproval } from '../../../../src/core/approval.ts';
import { StoreError, type Block, type KeyRecord } from '../../../../src/ports/key-store.ts';

const readWaitMs = 50;

const record = (id: string, revokedAtMs?: number): KeyRecord => ({
  id,
  environment: 'live',
  name: 'n',
  client: 'c',
  team: undefined,
  tier: undefined,
  user: undefined,
  policy: undefined,
  models: undefined,
  operations: undefined,
  networks: undefined,
  digests: ['ab'.repeat(32)],
  createdAtMs: 1,
  expiresAtMs: undefined,
  revokedAtMs,
});
const approval: StandingApproval = { model: 'm', subject: 'team', value: 't', expiresAtMs: 9_000 };
const everyone: Block = { kind: 'all', value: '', reason: 'drill', atMs: 1, abortStreams: false };

let nowMs: number;
let version: number;
let stored: Map<string, KeyRecord>;
let blocks: Block[];
let approvals: StandingApproval[];
let asked: string[];
let broken: StoreError | undefined;
let reader: FreshReader;

function answer(question: Question | Close): Answer {
  if (question.op === 'find') {
    return { kind: 'record', record: stored.get(question.id), version: String(version) };
  }
  if (question.op === 'pulse') {
    const isSeen = question.seen === String(version);
    return { kind: 'pulse', version: String(version), blocks: isSeen ? undefined : blocks, approvals: isSeen ? undefined : approvals };
  }
  throw new Error(`not asked by a reader: ${question.op}`);
}

function linkTo(ask: (question: Question | Close, deadlineMs: number) => Promise<Answer>): Link<Question, Answer> {
  return openLink(
    () => ({ ask, ended: new Promise(() => undefined), stop: () => Promise.resolve() }),
    () => nowMs,
  );
}

beforeEach(async () => {
  nowMs = 5_000;
  version = 1;
  stored = new Map([['AAAAAAAAAA', record('AAAAAAAAAA')]]);
  blocks = [];
  approvals = [];
  asked = [];
  broken = undefined;
  const link = linkTo((question) => {
    asked.push(question.op);
    return broken === undefined ? Promise.resolve(answer(question)) : Promise.reject(broken);
  });
  reader = openFreshReader(link, { readWaitMs, monotonicMs: () => nowMs });
  await reader.pulse(readWaitMs);
  asked = [];
});

describe('the fresh reader', () => {
  it('asks once for each id, known or not, while pulses confirm that nothing changed', async () => {
    for (let round = 0; round < 5; round += 1) {
      expect(await reader.find('AAAAAAAAAA')).toEqual(record('AAAAAAAAAA'));
      expect(await reader.find('BBBBBBBBBB')).toBeUndefined();
      expect(await reader.blocks()).toEqual([]);
      expect(await reader.approvals()).toEqual([]);
      nowMs += 500;
      await reader.pulse(readWaitMs);
    }
    expect(asked.filter((op) => op === 'find')).toHaveLength(2);
  });

  it('drops everything and tells its listeners once a pulse sees a change', async () => {
    let calls = 0;
    reader.onChange(() => (calls += 1));
    await reader.find('AAAAAAAAAA');
    await reader.find('BBBBBBBBBB');
    stored = new Map([
      ['AAAAAAAAAA', record('AAAAAAAAAA', 7)],
      ['BBBBBBBBBB', record('BBBBBBBBBB')],
    ]);
    blocks = [everyone];
    approvals = [approval];
    version = 2;
    await reader.pulse(readWaitMs);
    expect(await reader.find('AAAAAAAAAA')).toEqual(record('AAAAAAAAAA', 7));
    expect(await reader.find('BBBBBBBBBB')).toEqual(record('BBBBBBBBBB'));
    expect(await reader.blocks()).toEqual([everyone]);
    expect(await reader.approvals()).toEqual([approval]);
    expect(calls).toBe(1);
  });

  it('answers from memory up to its bound after the last pulse and not a millisecond longer', async () => {
    await reader.find('AAAAAAAAAA');
    broken = new StoreError('unreachable');
    nowMs += freshMsMax - 1;
    expect(reader.healthy()).toBe(true);
    expect(await reader.find('AAAAAAAAAA')).toBeDefined();
    expect(await reader.blocks()).toEqual([]);
    nowMs += 1;
    expect(reader.healthy()).toBe(false);
    await expect(reader.find('AAAAAAAAAA')).rejects.toBe(broken);
    await expect(reader.blocks()).rejects.toBe(broken);
    await expect(reader.approvals()).rejects.toBe(broken);
  });

  it('counts from the question of a pulse, not from its answer', async () => {
    let arrive: (() => void) | undefined;
    const slow = linkTo(
      (question) =>
        new Promise((resolve) => {
          arrive = () => {
            resolve(answer(question));
          };
        }),
    );
    const late = openFreshReader(slow, { readWaitMs, monotonicMs: () => nowMs });
    const pulse = late.pulse(readWaitMs);
    nowMs += freshMsMax;
    arrive?.();
    await pulse;
    expect(late.healthy()).toBe(false);
  });

  it('does not keep what was read of a version that no pulse saw', async () => {
    version = 2;
    stored = new Map();
    expect(await reader.find('AAAAAAAAAA')).toBeUndefined();
    stored.set('AAAAAAAAAA', record('AAAAAAAAAA'));
    expect(await reader.find('AAAAAAAAAA')).toBeDefined();
  });

  it('forgets what it read before a write of its own, blocks and approvals too', async () => {
    await reader.find('AAAAAAAAAA');
    blocks = [everyone];
    approvals = [approval];
    stored = new Map();
    version = 2;
    reader.forget();
    expect(await reader.find('AAAAAAAAAA')).toBeUndefined();
    expect(await reader.approvals()).toEqual([approval]);
    expect(await reader.blocks()).toEqual([everyone]);
    expect(reader.healthy()).toBe(true);
  });

  it('keeps the keys in use through a flood of made-up ids, in bounded memory', async () => {
    await reader.find('AAAAAAAAAA');
    for (let number = 0; number < 25_000; number += 1) {
      await reader.find(`x${String(number)}`);
    }
    asked = [];
    await reader.find('AAAAAAAAAA');
    await reader.find('x24999');
    expect(asked).toEqual([]);
    await reader.find('x0');
    expect(asked).toEqual(['find']);
  });
});
