import type { Ledger, Spending } from './ledger.ts';

const dayMs = 86_400_000;

/**
 * Hands over the statement day by day, both days included: a year of it need not be in memory at once. Stops where `take` gives false, and
 * says so by giving false. Throws `StoreError`.
 */
export async function readSpending(
  ledger: Pick<Ledger, 'spending'>,
  fromDay: string,
  toDay: string,
  take: (lines: readonly Spending[]) => boolean,
): Promise<boolean> {
  const lastMs = Date.parse(`${toDay}T00:00:00Z`);
  for (let atMs = Date.parse(`${fromDay}T00:00:00Z`); atMs <= lastMs; atMs += dayMs) {
    const day = new Date(atMs).toISOString().slice(0, 10);
    if (!take(await ledger.spending(day, day))) {
      return false;
    }
  }
  return true;
}
