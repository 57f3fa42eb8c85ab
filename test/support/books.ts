import { openSqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import { NOTHING, type Amounts, type Counter } from '../../src/core/limit.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { Door } from './door.ts';
import { until } from './wait.ts';

/** What the ledger of a door says, read from outside. */
export interface Books extends AsyncDisposable {
  readonly ledger: Ledger;
  /** What is charged to a client by now, by the statement. */
  spentBy(client: string): Promise<Amounts>;
  /** The same, once nothing is held any more. */
  settled(client: string): Promise<Amounts>;
  /** How much of a counter is taken, what is held included. */
  used(counter: Counter): Promise<number>;
}

const hourMs = 3_600_000;

/** The counter of `limits.perClient` with a window of an hour. */
export const perClient = (kind: 'requests' | 'tokens', client: string): Counter => ({
  kind,
  key: `${kind}|${String(hourMs)}|client||${client}`,
  limit: 1,
  windowMs: hourMs,
});

/** The books of a door that keeps its holds in a file. */
export async function openBooks(door: Door): Promise<Books> {
  const { ledger: place } = door.settings;
  if (place.kind !== 'embedded') {
    throw new Error('the ledger of this door is no file');
  }
  const ledger = await openSqliteLedger({ path: place.path });
  return { ...booksOf(ledger), [Symbol.asyncDispose]: () => ledger.close() };
}

export function booksOf(ledger: Ledger): Omit<Books, typeof Symbol.asyncDispose> {
  const spentBy = async (client: string): Promise<Amounts> => {
    const lines = await ledger.spending('0000-00-00', '9999-99-99');
    return lines
      .filter((line) => line.client === client)
      .reduce<Amounts>(
        (sum, line) => ({
          requests: sum.requests + line.requests,
          tokens: sum.tokens + line.tokens,
          nanoUsd: sum.nanoUsd + line.nanoUsd,
        }),
        NOTHING,
      );
  };
  return {
    ledger,
    spentBy,
    settled: async (client) => {
      await until(async () => (await ledger.openHolds()) === 0, { deadlineMs: 15_000, what: 'every hold to be resolved' });
      return spentBy(client);
    },
    used: async (counter) => (await ledger.usage([counter]))[0]?.used ?? 0,
  };
}
