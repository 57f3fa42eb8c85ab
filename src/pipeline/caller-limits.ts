import type { Caller } from '../core/caller.ts';
import { openRecent, type Recent } from '../core/recent.ts';
import type { Account, BudgetPeriod, Counter, LimitKind, Period } from '../core/limit.ts';
import { applicableLimits, observesOnly, type PolicyAssignments } from '../policy/limits/applicable.ts';
import { countersOf, type CountedLimit } from '../policy/limits/counters.ts';
import type { OnDisconnect } from '../policy/llm/usage/charge.ts';
import type { DecisionSettings, Ports } from './ports.ts';

/**
 * The limits that a caller's requests for one model fall under, and what they are charged to. The very same object for each of them, until
 * the settings change or a calendar period is over: what is made of it need not be made again either.
 */
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

interface Kept {
  readonly found: CallerLimits | undefined;
  /** While its periods are those of now. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Callers whose limits are known, of each model: some hundred bytes each. Addresses are many. */
const callersMax = 10_000;

const known = new WeakMap<DecisionSettings, Recent<Kept>>();

/** Undefined where nothing limits them. `keyPolicy` is that of the caller's key. */
export function limitsOfCaller(
  ports: Pick<Ports, 'settings' | 'clock' | 'calendar'>,
  caller: Caller,
  keyPolicy: string | undefined,
  model: string,
): CallerLimits | undefined {
  const settings = ports.settings();
  const nowMs = ports.clock();
  const kept = keptFor(settings);
  const { key, client, user, team, tier, address } = caller;
  const name = JSON.stringify([key, keyPolicy, client, user, team, tier, address, model]);
  const before = kept.get(name);
  if (before !== undefined && before.fromMs <= nowMs && nowMs < before.toMs) {
    return before.found;
  }
  const made = find(settings, { caller, keyPolicy, model }, periodsAround(ports.calendar, nowMs));
  kept.set(name, made);
  return made.found;
}

function keptFor(settings: DecisionSettings): Recent<Kept> {
  const kept = known.get(settings) ?? openRecent<Kept>(callersMax);
  known.set(settings, kept);
  return kept;
}

interface Asked {
  readonly caller: Caller;
  readonly keyPolicy: string | undefined;
  readonly model: string;
}

function find({ access, limits: tables }: DecisionSettings, { caller, keyPolicy, model }: Asked, around: Around): Kept {
  const { teams, teamOfClient, clients, tiers } = access;
  const assignments: PolicyAssignments = { keyPolicy, teams, teamOfClient, clients, tiers };
  const limits = countersOf(applicableLimits(caller, model, assignments, tables), around.periods);
  if (limits.length === 0) {
    return { found: undefined, ...around.span() };
  }
  const team = caller.team ?? teamOfClient.get(caller.client) ?? '';
  const found: CallerLimits = {
    limits,
    counters: limits.map(({ counter }) => counter),
    kinds: new Set(limits.map(({ counter }) => counter.kind)),
    account: { team, client: caller.client, key: caller.key ?? '', user: caller.user ?? '', model },
    days: around.periods('day', tables.timeZoneOfTeam.get(team) ?? tables.timeZone),
    onDisconnect: observesOnly(caller, assignments, tables) ? 'observed' : 'hold',
  };
  return { found, ...around.span() };
}

interface Around {
  readonly periods: (period: BudgetPeriod, timeZone: string) => readonly Period[];
  /** In which all periods that were asked for are the present ones. */
  span(): Pick<Kept, 'fromMs' | 'toMs'>;
}

function periodsAround(calendar: Ports['calendar'], nowMs: number): Around {
  let [fromMs, toMs] = [-Infinity, Infinity];
  return {
    periods: (period, timeZone) => {
      const periods = calendar(period, timeZone, nowMs);
      const present = periods.find((each) => each.fromMs <= nowMs && nowMs < each.toMs);
      fromMs = Math.max(fromMs, present?.fromMs ?? nowMs);
      toMs = Math.min(toMs, present?.toMs ?? nowMs);
      return periods;
    },
    span: () => ({ fromMs, toMs }),
  };
}
