import type { HoldRequest, ReserveAnswer, SettleAnswer } from '../../src/core/ledger/hold.ts';
import { NOTHING, type Amounts, type Counter } from '../../src/core/limit.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { promised } from './check.ts';
import { countedAt, entryOf, isIn, shareOf, type Entry } from './entries.ts';

/** How long a store knows an id that is over, and one whose lease ran out. */
const overKeptMs = 600_000;
const lapsedKeptMs = 86_400_000;

/** Books kept beside the store, by the true time of each admission and without sub-windows. */
export interface Reference {
  /** The same store, every answer of which is looked at. */
  readonly store: Ledger;
  entries(): readonly Entry[];
  find(id: string): Entry | undefined;
  /** Of every counter that was ever asked about: as it was asked about last, and what it holds. */
  counters(): Iterable<{ readonly counter: Counter; readonly entries: readonly Entry[] }>;
}

/** `onLapse` hears of leases that ran out, and may object. */
export function openReference(store: Ledger, storeNowMs: () => number, onLapse: (entry: Entry) => void): Reference {
  const byId = new Map<string, Entry>();
  const byKey = new Map<string, { counter: Counter; readonly entries: Entry[] }>();
  /** When ids were cancelled that the store did not know: before they were ever granted, or after it had forgotten them. */
  const barred = new Map<string, number>();
  const isBarred = (id: string): boolean => storeNowMs() - (barred.get(id) ?? Number.NEGATIVE_INFINITY) < overKeptMs;

  const bookOf = (counter: Counter): { readonly entries: Entry[] } => {
    const book = byKey.get(counter.key) ?? { counter, entries: [] };
    byKey.set(counter.key, book);
    book.counter = counter;
    return book;
  };
  const openOnes = (): readonly Entry[] => [...byId.values()].filter(({ state }) => state === 'open');
  const overdue = (): readonly Entry[] => openOnes().filter(({ leaseEndsMs }) => leaseEndsMs <= storeNowMs());
  const lapse = (entry: Entry): void => {
    Object.assign(entry, { state: 'lapsed', sinceMs: storeNowMs() });
    onLapse(entry);
  };

  const granted = (request: HoldRequest, atMs: number): void => {
    const nowMs = storeNowMs();
    promised(!byId.has(request.id) && atMs === nowMs, 'a hold is granted once', () => request.id);
    promised(!isBarred(request.id), 'what was cancelled is not granted later', () => request.id);
    const entry = { ...entryOf(request, atMs), isForgotten: barred.has(request.id) };
    byId.set(request.id, entry);
    for (const counter of request.counters) {
      const book = bookOf(counter);
      book.entries.push(entry);
      const { least } = countedAt(counter, book.entries, nowMs);
      promised(least <= counter.limit, 'settled + held ≤ limit at admission', () => [counter.key, least, counter.limit]);
    }
  };
  const refused = ({ counters, amounts }: HoldRequest, { shortage }: Extract<ReserveAnswer, { kind: 'refused' }>): void => {
    const counter = counters[shortage.index];
    promised(counter !== undefined, 'a refusal names a counter that was asked about');
    const { least, most } = countedAt(counter, bookOf(counter).entries, storeNowMs());
    const taken = counter.kind === 'concurrent' ? least : most;
    const share = shareOf(counter, amounts);
    promised(taken + share > counter.limit, 'what is refused had no room', () => [counter.key, taken, share, counter.limit]);
    promised((shortage.retryAfterMs === undefined) === share > counter.limit, 'only what never fits is told never to come back');
  };
  const isKnown = ({ state, sinceMs }: Entry): boolean =>
    state === 'open' || storeNowMs() - sinceMs < (state === 'over' ? overKeptMs : lapsedKeptMs);
  const resolved = (id: string, charge: Amounts, answer: SettleAnswer): void => {
    const entry = byId.get(id);
    const known = entry !== undefined && isKnown(entry) ? entry : undefined;
    const facts = (): unknown => [id, entry?.state, entry?.sinceMs, storeNowMs()];
    switch (answer) {
      case 'settled':
        promised(known !== undefined && known.state !== 'over', 'a hold is resolved once', facts);
        Object.assign(known, { state: 'over', sinceMs: storeNowMs(), charge });
        return;
      case 'ended':
        promised(isBarred(id) || known?.state === 'over', 'only what was resolved is over', facts);
        return;
      case 'unknown':
        promised(known === undefined && !isBarred(id), 'a hold is known until it is resolved, and for a while after', facts);
        Object.assign(entry ?? {}, { isForgotten: true });
    }
  };

  return {
    entries: () => [...byId.values()],
    find: (id) => byId.get(id),
    counters: () => byKey.values(),
    store: {
      ...store,
      async reserve(request) {
        const answer = await store.reserve(request);
        // A store may look for leases that ran out only where it has no room otherwise.
        const late = overdue();
        const openNow = (await store.openHolds()) - Number(answer.kind === 'granted');
        if (late.length > 0 && openNow === openOnes().length - late.length) {
          late.forEach(lapse);
        }
        if (answer.kind === 'granted') {
          granted(request, answer.atMs);
        } else if (answer.kind === 'refused') {
          refused(request, answer);
        } else if (answer.kind === 'ended') {
          promised(isBarred(request.id), 'only an id that was cancelled is over before it began', () => request.id);
        } else {
          promised(
            request.counters.some((counter) => counter.kind === 'budget' && !counter.periods.some((each) => isIn(storeNowMs(), each))) ||
              !request.days.some((each) => isIn(storeNowMs(), each)),
            'the clock is blamed only where it is wrong',
          );
        }
        return answer;
      },
      async extend(ids, leaseMs) {
        const gone = await store.extend(ids, leaseMs);
        for (const id of ids) {
          const entry = byId.get(id);
          promised((entry?.state === 'open') !== gone.includes(id), 'open holds get a new lease, and no others', () => id);
          if (entry?.state === 'open') {
            entry.leaseEndsMs = storeNowMs() + leaseMs;
          }
        }
        return gone;
      },
      async settle(id, amounts) {
        const answer = await store.settle(id, amounts);
        resolved(id, amounts, answer);
        return answer;
      },
      async cancel(id) {
        const answer = await store.cancel(id);
        resolved(id, NOTHING, answer);
        if (answer === 'unknown') {
          barred.set(id, storeNowMs());
        }
        return answer;
      },
      async reap() {
        const late = overdue();
        const count = await store.reap();
        promised(count === late.length, 'what ran out is ended, and nothing else', () => [count, late.length]);
        late.forEach(lapse);
        return count;
      },
    },
  };
}
