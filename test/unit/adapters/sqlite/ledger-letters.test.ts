import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Asked } from '../../../../src/adapters/sqlite/conversation.ts';
import { openLetterReader, openLetterWriter } from '../../../../src/adapters/sqlite/ledger-letters.ts';
import type { LedgerQuestion } from '../../../../src/adapters/sqlite/ledger-protocol.ts';
import { account, always, amounts, budget, concurrent, requests } from '../../../support/holds.ts';

const epoch = 'e1';
const shared = { counters: [requests('r|"ö', 5), concurrent('c', 2), budget('b', 9)], account, days: [always], leaseMs: 30_000 };
const reserveOf = (id: string, terms = shared): LedgerQuestion => ({
  op: 'reserve',
  request: { ...terms, id, amounts: amounts({ requests: 1, tokens: 7 }) },
  epoch,
  giveUpAtMs: 12.5,
});
const settleOf = (id: string, of = epoch): LedgerQuestion => ({
  op: 'settle',
  id,
  amounts: amounts({ nanoUsd: 3 }),
  epoch: of,
  giveUpAtMs: 4,
});
const numbered = (...questions: readonly LedgerQuestion[]): Asked<LedgerQuestion> =>
  questions.map((question, index) => ({ number: index + 1, question }));

describe('letters to the ledger’s thread', () => {
  it('say what holds share once, which is then the same object at the other end', () => {
    const [write, read] = [openLetterWriter(), openLetterReader()];
    const first = write(numbered(reserveOf('a')));
    const second = write(numbered(reserveOf('b')));
    expect(second.length).toBeLessThan(first.length / 4);
    const [one, two] = [read(first), read(second)].map(([asked]) => asked?.question);
    expect(two).toEqual(reserveOf('b'));
    if (one?.op === 'reserve' && two?.op === 'reserve') {
      expect(two.request.counters).toBe(one.request.counters);
    }
  });

  it('tell terms apart that share only some of their objects', () => {
    const [write, read] = [openLetterWriter(), openLetterReader()];
    const others = [{ ...shared, account: { ...account, user: 'bob' } }, { ...shared, days: [] }, { ...shared, leaseMs: 1 }, shared];
    const asked = numbered(reserveOf('a'), ...others.map((terms, index) => reserveOf(String(index), terms)));
    expect(read(write(asked))).toEqual(asked);
  });

  it('say everything anew after 4,096 terms, and grow no memory by it', () => {
    const [write, read] = [openLetterWriter(), openLetterReader()];
    const many = numbered(
      ...Array.from({ length: 10_000 }, (_, index) => reserveOf(String(index), { ...shared, counters: [...shared.counters] })),
    );
    expect(read(write(many))).toEqual(many);
    const again = numbered(reserveOf('a'), reserveOf('b'));
    expect(read(write(again))).toEqual(again);
    expect(write(many).match(/"forget"/gu)).toHaveLength(2);
  });

  it('are read as they were written, whatever is asked in whatever order', () => {
    const question: fc.Arbitrary<LedgerQuestion> = fc.oneof(
      fc.tuple(fc.string(), fc.constantFrom(shared, { ...shared, leaseMs: 2 })).map(([id, terms]) => reserveOf(id, terms)),
      fc.tuple(fc.string(), fc.constantFrom('e1', 'e2', '')).map(([id, of]) => settleOf(id, of)),
      fc.constantFrom<LedgerQuestion>(
        { op: 'look' },
        { op: 'reap', epoch, giveUpAtMs: 1 },
        { op: 'cancel', id: 'x', epoch: 'e3', giveUpAtMs: 1 },
        { op: 'usage', counters: shared.counters },
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.array(question, { maxLength: 5 }), { maxLength: 8 }), (letters) => {
        const [write, read] = [openLetterWriter(), openLetterReader()];
        for (const questions of letters) {
          const asked = numbered(...questions);
          expect(read(write(asked))).toEqual(asked);
        }
      }),
    );
  });

  it('name no terms that were not said', () => {
    expect(() => openLetterReader()('[["reserve",1,0,"a",1,1,1,1]]')).toThrow('terms are said before they are named');
  });
});
