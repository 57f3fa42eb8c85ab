import { must, never } from '../../core/assert.ts';
import type { HoldRequest } from '../../core/ledger/hold.ts';
import type { Asked, Close } from './conversation.ts';
import type { LedgerQuestion, LedgerWrite } from './ledger-protocol.ts';

/** What many holds of a caller share: the same objects on this side, said once and named by a number from then on. */
type Terms = Omit<HoldRequest, 'id' | 'amounts'>;

/** Then all are said anew: a caller's change with every period of its budgets, and callers come and go. */
const termsMax = 4_096;

/** An item of a letter. Letters are read in the order they were written in: what one says of terms and epoch holds for those behind it. */
type Item =
  | readonly ['epoch', epoch: string]
  | readonly ['forget']
  | readonly ['terms', terms: number, Terms]
  | readonly ['reserve', number: number, terms: number, id: string, requests: number, tokens: number, nanoUsd: number, giveUpAtMs: number]
  | readonly ['settle', number: number, id: string, requests: number, tokens: number, nanoUsd: number, giveUpAtMs: number]
  | readonly ['other', number: number, LedgerQuestion | Close];

/** Writes questions to one thread as text, which costs a third of a structured clone, and most of them in a few words. */
export function openLetterWriter(): (asked: Asked<LedgerQuestion>) => string {
  let known = new WeakMap<Terms['counters'], Terms & { readonly number: number }>();
  let count = 0;
  let epoch: string | undefined;

  const termsOf = (items: Item[], { counters, account, days, leaseMs }: HoldRequest): number => {
    const before = known.get(counters);
    if (before?.account === account && before.days === days && before.leaseMs === leaseMs) {
      return before.number;
    }
    if (count >= termsMax) {
      known = new WeakMap();
      count = 0;
      items.push(['forget']);
    }
    const terms = { counters, account, days, leaseMs };
    known.set(counters, { ...terms, number: count });
    items.push(['terms', count, terms]);
    count += 1;
    return count - 1;
  };
  const nameEpoch = (items: Item[], { epoch: named }: LedgerWrite): void => {
    if (named !== epoch) {
      epoch = named;
      items.push(['epoch', named]);
    }
  };

  return (asked) => {
    const items: Item[] = [];
    for (const { number, question } of asked) {
      if (question.op === 'reserve') {
        const { id, amounts } = question.request;
        nameEpoch(items, question);
        const terms = termsOf(items, question.request);
        items.push(['reserve', number, terms, id, amounts.requests, amounts.tokens, amounts.nanoUsd, question.giveUpAtMs]);
      } else if (question.op === 'settle') {
        const { id, amounts, giveUpAtMs } = question;
        nameEpoch(items, question);
        items.push(['settle', number, id, amounts.requests, amounts.tokens, amounts.nanoUsd, giveUpAtMs]);
      } else {
        items.push(['other', number, question]);
      }
    }
    return JSON.stringify(items);
  };
}

/** Both ends are this program. Members that were undefined are left out. */
const parse: (text: string) => readonly Item[] = JSON.parse;

/** Reads what the writer of the other end wrote: every letter, in order. Holds of the same terms share their objects here, too. */
export function openLetterReader(): (text: string) => Asked<LedgerQuestion> {
  const known = new Map<number, Terms>();
  let epoch = '';

  const termsAt = (number: number): Terms => {
    const terms = known.get(number);
    must(terms !== undefined, 'terms are said before they are named');
    return terms;
  };
  const read = (item: Item): Asked<LedgerQuestion> => {
    switch (item[0]) {
      case 'epoch':
        [, epoch] = item;
        return [];
      case 'forget':
        known.clear();
        return [];
      case 'terms':
        known.set(item[1], item[2]);
        return [];
      case 'reserve': {
        const [, number, terms, id, requests, tokens, nanoUsd, giveUpAtMs] = item;
        const request = { ...termsAt(terms), id, amounts: { requests, tokens, nanoUsd } };
        return [{ number, question: { op: 'reserve', request, epoch, giveUpAtMs } }];
      }
      case 'settle': {
        const [, number, id, requests, tokens, nanoUsd, giveUpAtMs] = item;
        return [{ number, question: { op: 'settle', id, amounts: { requests, tokens, nanoUsd }, epoch, giveUpAtMs } }];
      }
      case 'other':
        return [{ number: item[1], question: item[2] }];
      default:
        return never(item);
    }
  };
  return (text) => parse(text).flatMap(read);
}
