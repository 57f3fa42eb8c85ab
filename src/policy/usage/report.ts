import type { Account, Amounts } from '../../core/limit.ts';

/** By what the statement can be told apart. */
export const USAGE_DIMENSIONS = ['team', 'client', 'key', 'user', 'model', 'day'] as const;
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

/** One line of the ledger's statement. */
export interface UsageLine extends Account, Amounts {
  readonly day: string;
}

/** Exact, however many lines they come from: no sum of money here is ever a floating-point number. */
export interface UsageSums {
  readonly requests: bigint;
  readonly tokens: bigint;
  readonly nanoUsd: bigint;
}

export interface UsageRow extends UsageSums {
  /** In the order that was asked for; a name is empty where the statement does not know it. */
  readonly names: readonly (readonly [dimension: UsageDimension, name: string])[];
}

export interface UsageReport {
  readonly by: readonly UsageDimension[];
  /** By name. */
  readonly rows: readonly UsageRow[];
  /** Of all lines, which is the sum of the rows. */
  readonly total: UsageSums;
}

/** A report that is being added up. */
export interface UsageSummary {
  /** False where the report now has more rows than `rowsMax`: it is of no use any more. */
  add(lines: readonly UsageLine[]): boolean;
  report(): UsageReport;
}

const nothing: UsageSums = { requests: 0n, tokens: 0n, nanoUsd: 0n };

/** Takes the statement in pieces, so that a year of it need not be in memory at once. */
export function openUsageSummary(by: readonly UsageDimension[], rowsMax: number): UsageSummary {
  const rows = new Map<string, UsageRow>();
  let total = nothing;
  return {
    add: (lines) => {
      for (const line of lines) {
        const names = by.map((dimension) => [dimension, line[dimension]] as const);
        // As JSON, two lists of names are never spelt alike.
        const key = JSON.stringify(names);
        rows.set(key, { names, ...plus(rows.get(key) ?? nothing, line) });
        total = plus(total, line);
      }
      return rows.size <= rowsMax;
    },
    report: () => ({ by, rows: [...rows.values()].toSorted(byName), total }),
  };
}

const plus = (sums: UsageSums, line: Amounts): UsageSums => ({
  requests: sums.requests + BigInt(line.requests),
  tokens: sums.tokens + BigInt(line.tokens),
  nanoUsd: sums.nanoUsd + BigInt(line.nanoUsd),
});

/** By code unit, the same on every machine. */
const byName = (left: UsageRow, right: UsageRow): number => (sortKey(left) < sortKey(right) ? -1 : 1);

/** NUL sorts before everything that a name holds. */
const sortKey = ({ names }: UsageRow): string => names.map(([, name]) => name).join('\0');
