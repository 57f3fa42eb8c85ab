import type { Caller } from '../core/caller.ts';
import { when, type Eventually } from '../core/eventually.ts';
import type { Account } from '../core/limit.ts';
import { andThen, next, type Outcome } from '../core/outcome.ts';
import { applicableLimits, observesOnly, type PolicyAssignments } from '../policy/limits/applicable.ts';
import { countersOf, type CountedLimit } from '../policy/limits/counters.ts';
import type { JudgedBody } from '../policy/llm/body.ts';
import type { OnDisconnect } from '../policy/llm/usage/charge.ts';
import type { Attempt } from '../policy/order.ts';
import type { Hold } from './holds.ts';
import type { DecisionModel, Ports } from './ports.ts';
import { boundRequest, worstOf, type RequestWorst } from './worst-case.ts';

/** What a request holds while it runs, and by which of its targets. */
export interface RequestHold {
  readonly hold: Hold;
  /** Undefined where neither tokens nor money are limited: only requests are counted. */
  readonly worst: RequestWorst | undefined;
  readonly onDisconnect: OnDisconnect;
}

/** A request that limits apply to, before its hold is taken. */
export interface LimitedRequest {
  readonly limits: readonly CountedLimit[];
  readonly worst: RequestWorst | undefined;
  readonly onDisconnect: OnDisconnect;
  readonly account: Account;
  readonly timeZone: string;
}

export interface LimitFacts {
  readonly caller: Caller;
  readonly model: DecisionModel;
  readonly judged: JudgedBody;
  readonly attempts: readonly Attempt[];
}

/** Which limits apply, and what the request may cost at most; undefined where none does. */
export function findLimits(ports: Ports, facts: LimitFacts): Eventually<Outcome<LimitedRequest | undefined>> {
  const { limits: tables } = ports.settings();
  if (!tables.any) {
    return next(undefined);
  }
  const { key } = facts.caller;
  return when(key === undefined ? undefined : ports.keys.find(key), (record) => limitsFor(ports, facts, record?.policy));
}

function limitsFor(
  ports: Ports,
  { caller, model, judged, attempts }: LimitFacts,
  keyPolicy: string | undefined,
): Outcome<LimitedRequest | undefined> {
  const settings = ports.settings();
  const { teams, teamOfClient, clients, tiers } = settings.access;
  const assignments: PolicyAssignments = { keyPolicy, teams, teamOfClient, clients, tiers };
  const applied = applicableLimits(caller, judged.model, assignments, settings.limits);
  if (applied.length === 0) {
    return next(undefined);
  }
  const nowMs = ports.clock();
  const limits = countersOf(applied, (period, timeZone) => ports.calendar(period, timeZone, nowMs));
  const team = caller.team ?? teamOfClient.get(caller.client) ?? '';
  const account: Account = { team, client: caller.client, key: caller.key ?? '', user: caller.user ?? '', model: judged.model };
  const timeZone = settings.limits.timeZoneOfTeam.get(team) ?? settings.limits.timeZone;
  const onDisconnect = observesOnly(caller, assignments, settings.limits) ? 'observed' : 'hold';
  const kinds = new Set(limits.map(({ counter }) => counter.kind));
  if (!kinds.has('tokens') && !kinds.has('budget')) {
    return next({ limits, worst: undefined, onDisconnect, account, timeZone });
  }
  const bounded = boundRequest(settings, { model, judged, attempts, hasBudget: kinds.has('budget') });
  return bounded.kind === 'next' ? next({ limits, worst: bounded.found, onDisconnect, account, timeZone }) : bounded;
}

/** Takes the hold of a request under all its limits at once; undefined where none applies, or (store away) all of them let it through. */
export function takeHold(ports: Ports, limited: LimitedRequest | undefined): Eventually<Outcome<RequestHold | undefined>> {
  if (limited === undefined) {
    return next(undefined);
  }
  const { limits, worst, onDisconnect, account, timeZone } = limited;
  // Of several targets each may bill: one that is silent for too long may work all the same.
  const amounts = worstOf(worst?.targets ?? []);
  const days = ports.calendar('day', timeZone, ports.clock());
  return andThen(ports.holds.take({ limits, amounts, account, days }), (hold) =>
    next(hold === undefined ? undefined : { hold, worst, onDisconnect }),
  );
}
