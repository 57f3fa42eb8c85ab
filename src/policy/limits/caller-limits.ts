import type { Caller } from '../../core/caller.ts';
import type { Account, Counter, LimitKind, Period } from '../../core/limit.ts';
import type { OnDisconnect } from '../llm/usage/charge.ts';
import { applicableLimits, observesOnly, type LimitTables, type PolicyAssignments } from './applicable.ts';
import { countersOf, type CountedLimit, type Periods } from './counters.ts';

/** The limits that a caller's requests for one model fall under, and what they are charged to. */
export interface CallerLimits {
  /** Never empty. */
  readonly limits: readonly CountedLimit[];
  /** Those of `limits`, in their order. */
  readonly counters: readonly Counter[];
  readonly kinds: ReadonlySet<LimitKind>;
  readonly account: Account;
  /** Days of the tenant's calendar around now. */
  readonly days: readonly Period[];
  readonly onDisconnect: OnDisconnect;
}

export interface CallerFacts {
  readonly caller: Caller;
  readonly model: string;
  readonly assignments: PolicyAssignments;
  readonly tables: LimitTables;
}

/** Undefined where nothing limits them. */
export function callerLimits({ caller, model, assignments, tables }: CallerFacts, periods: Periods): CallerLimits | undefined {
  const limits = countersOf(applicableLimits(caller, model, assignments, tables), periods);
  if (limits.length === 0) {
    return undefined;
  }
  const team = caller.team ?? assignments.teamOfClient.get(caller.client) ?? '';
  return {
    limits,
    counters: limits.map(({ counter }) => counter),
    kinds: new Set(limits.map(({ counter }) => counter.kind)),
    account: { team, client: caller.client, key: caller.key ?? '', user: caller.user ?? '', model },
    days: periods('day', tables.timeZoneOfTeam.get(team) ?? tables.timeZone),
    onDisconnect: observesOnly(caller, assignments, tables) ? 'observed' : 'hold',
  };
}
