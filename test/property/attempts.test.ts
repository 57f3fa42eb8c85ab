import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ATTEMPT_FACTS } from '../../src/core/headers.ts';
import { mayBill, type AttemptEnd } from '../../src/policy/attempt-end.ts';
import { decodeAttempts } from '../../src/wire/decode-attempts.ts';
import type { ValueMessage } from '../../src/wire/messages.ts';

/** An attempt as it was, and which filters its provider's cluster has and ran. */
interface Attempted {
  readonly end: AttemptEnd;
  readonly bytes: number;
  readonly notesSent: boolean;
  readonly notesStatus: boolean;
}

const ends = fc.oneof(
  fc.constant<AttemptEnd>({ kind: 'unsent' }),
  fc.constant<AttemptEnd>({ kind: 'unanswered' }),
  fc.constantFrom(429, 500, 502, 503, 504, 529).map((status): AttemptEnd => ({ kind: 'answered', status })),
);
const attempted = (notes: fc.Arbitrary<boolean>): fc.Arbitrary<readonly Attempted[]> =>
  fc.array(fc.record({ end: ends, bytes: fc.integer({ min: 1, max: 2_000 }), notesSent: notes, notesStatus: notes }), {
    minLength: 1,
    maxLength: 5,
  });

/** What the scripts of the clusters have written once the last attempt is over. */
function notesOf(all: readonly Attempted[]): Readonly<Record<string, ValueMessage>> {
  const notes: Record<string, ValueMessage> = {};
  let sent = 0;
  let number = '1';
  for (const [index, { end, bytes, notesSent, notesStatus }] of all.entries()) {
    if (index > 0 && notesSent) {
      number = String(index + 1);
      notes[`${ATTEMPT_FACTS.sentBefore}${number}`] = { stringValue: String(sent) };
    }
    sent += end.kind === 'unsent' ? 0 : bytes;
    if (end.kind === 'answered' && notesStatus) {
      notes[`${ATTEMPT_FACTS.status}${number}`] = { stringValue: String(end.status) };
    }
  }
  return notes;
}

const decoded = (all: readonly Attempted[]): readonly AttemptEnd[] =>
  decodeAttempts({ count: all.length, isAnswered: all.at(-1)?.end.kind === 'answered', noted: { fields: notesOf(all) } });

it('what every cluster notes says how each attempt ended', () => {
  fc.assert(
    fc.property(attempted(fc.constant(true)), (all) => {
      expect(decoded(all)).toEqual(all.slice(0, -1).map(({ end }) => end));
    }),
  );
});

it('whatever of it is missing, no attempt that may be billed is taken for one that is not', () => {
  fc.assert(
    fc.property(attempted(fc.boolean()), (all) => {
      const found = decoded(all);
      expect(found).toHaveLength(all.length - 1);
      for (const [index, end] of found.entries()) {
        const truth = all[index]?.end;
        expect(truth !== undefined && mayBill(truth) && !mayBill(end)).toBe(false);
      }
    }),
    { numRuns: 2_000 },
  );
});

it('figures that are none are not believed', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (sent, status) => {
      fc.pre(!/^\d+$/u.test(sent) && !/^\d+$/u.test(status));
      const fields = { 'sent-before-2': { stringValue: sent }, 'status-1': { stringValue: status } };
      expect(decodeAttempts({ count: 2, isAnswered: true, noted: { fields } })).toEqual([{ kind: 'unanswered' }]);
      expect(decodeAttempts({ count: 2, isAnswered: true, noted: undefined })).toEqual([{ kind: 'unanswered' }]);
    }),
  );
});
