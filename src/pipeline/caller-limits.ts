import type { Caller } from '../core/caller.ts';
import { openRecent, type Recent } from '../core/recent.ts';
import type { BudgetPeriod, Period } from '../core/limit.ts';
import { callerLimits, type CallerLimits } from '../policy/limits/caller-limits.ts';
import type { DecisionSettings, Ports } from './ports.ts';

interface Kept {
  readonly found: CallerLimits | undefined;
  /** While its periods are those of now. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Callers whose limits are known, of each model: some hundred bytes each. Addresses are many. */
const callersMax = 10_000;

const known = new WeakMap<DecisionSettings, Recent<Kept>>();

/**
 * The limits of a caller; undefined where it has none. The very same object for each of its requests, until the settings change or a
 * calendar period is over: what is made of it need not be made again either. `keyPolicy` is that of the caller's key.
 */
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
  const { teams, teamOfClient, clients, tiers } = settings.access;
  const around = periodsAround(ports.calendar, nowMs);
  const assignments = { keyPolicy, teams, teamOfClient, clients, tiers };
  const found = callerLimits({ caller, model, assignments, tables: settings.limits }, around.periods);
  kept.set(name, { found, ...around.span() });
  return found;
}

function keptFor(settings: DecisionSettings): Recent<Kept> {
  const kept = known.get(settings) ?? openRecent<Kept>(callersMax);
  known.set(settings, kept);
  return kept;
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
