import type { Account, Amounts } from '../../src/core/limit.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { promised } from './check.ts';
import { countedAt, isIn, pendingAt, type Entry } from './entries.ts';
import type { Reference } from './reference.ts';

/** The store against the reference: every counter, what is open, and every line of the statement. */
export async function compare(store: Ledger, reference: Reference, nowMs: number): Promise<void> {
  const entries = reference.entries();
  const open = entries.filter(({ state }) => state === 'open').length;
  promised((await store.openHolds()) === open, 'as many holds are open as the reference knows', () => open);
  for (const { counter, entries: counted } of reference.counters()) {
    // A counter that was asked about days ago does not know the period of today.
    if (counter.kind === 'budget' && !counter.periods.some((each) => isIn(nowMs, each))) {
      continue;
    }
    const [usage] = await store.usage([counter]);
    const { least, most } = countedAt(counter, counted, nowMs);
    const used = usage?.used ?? Number.NaN;
    promised(least <= used && used <= most, 'a counter holds what its exchanges came to', () => [counter.key, least, used, most]);
    const pending = pendingAt(counter, counted, nowMs);
    promised(usage?.pending === pending, 'what is pending is what open holds reserved', () => [counter.key, usage, pending]);
  }
  const lines = (await store.spending('', '~')).map((line) => lineOf(line.day, line, line)).toSorted();
  const expected = statementOf(entries);
  promised(lines.join('\n') === expected.join('\n'), 'the statement adds up', () => ({ lines, expected }));
}

const lineOf = (day: string, { team, client, key, user, model }: Account, { requests, tokens, nanoUsd }: Amounts): string =>
  [day, team, client, key, user, model, requests, tokens, nanoUsd].join(' ');

function statementOf(entries: readonly Entry[]): readonly string[] {
  const sums = new Map<string, { readonly day: string; readonly account: Account; readonly amounts: Amounts }>();
  for (const { state, day, account, charge } of entries) {
    if (state !== 'open') {
      const name = JSON.stringify([day, account]);
      const before = sums.get(name)?.amounts ?? { requests: 0, tokens: 0, nanoUsd: 0 };
      const amounts: Amounts = {
        requests: before.requests + charge.requests,
        tokens: before.tokens + charge.tokens,
        nanoUsd: before.nanoUsd + charge.nanoUsd,
      };
      sums.set(name, { day, account, amounts });
    }
  }
  return [...sums.values()]
    .filter(({ amounts }) => amounts.requests + amounts.tokens + amounts.nanoUsd > 0)
    .map(({ day, account, amounts }) => lineOf(day, account, amounts))
    .toSorted();
}
