import type { Caller } from '../core/caller.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { andThen, next, type Outcome } from '../core/outcome.ts';
import type { JudgedBody } from '../policy/llm/body.ts';
import type { OnDisconnect } from '../policy/llm/usage/charge.ts';
import type { CallerLimits } from '../policy/limits/caller-limits.ts';
import type { Attempt } from '../policy/order.ts';
import { limitsOfCaller } from './caller-limits.ts';
import type { Hold } from './holds.ts';
import type { DecisionModel, Ports } from './ports.ts';
import { boundRequest, worstOf, type RequestWorst } from '../policy/limits/bound-request.ts';

/** What a request holds while it runs, and by which of its targets. */
export interface RequestHold {
  readonly hold: Hold;
  /** Undefined where neither tokens nor money are limited: only requests are counted. */
  readonly worst: RequestWorst | undefined;
  readonly onDisconnect: OnDisconnect;
}

/** A request that limits apply to, before its hold is taken. */
export interface LimitedRequest {
  readonly under: CallerLimits;
  readonly worst: RequestWorst | undefined;
}

export interface LimitFacts {
  readonly caller: Caller;
  readonly model: DecisionModel;
  readonly judged: JudgedBody;
  readonly bytes: Buffer;
  readonly attempts: readonly Attempt[];
}

/** Which limits apply, and what the request may cost at most; undefined where none does. */
export function findLimits(ports: Ports, facts: LimitFacts): Eventually<Outcome<LimitedRequest | undefined>> {
  if (!ports.settings().limits.any) {
    return next(undefined);
  }
  const { key } = facts.caller;
  return when(key === undefined ? undefined : ports.keys.find(key), (record) => limitsFor(ports, facts, record?.policy));
}

function limitsFor(
  ports: Ports,
  { caller, model, judged, bytes, attempts }: LimitFacts,
  keyPolicy: string | undefined,
): Eventually<Outcome<LimitedRequest | undefined>> {
  const under = limitsOfCaller(ports, caller, keyPolicy, judged.model);
  if (under === undefined) {
    return next(undefined);
  }
  const hasBudget = under.kinds.has('budget');
  if (!under.kinds.has('tokens') && !hasBudget) {
    return next({ under, worst: undefined });
  }
  return when(countTokens(ports, model, judged, bytes), (textTokensMax) => {
    const bounded = boundRequest(ports.settings().prices, { model, judged: { ...judged, textTokensMax }, attempts, hasBudget });
    return bounded.kind === 'next' ? next({ under, worst: bounded.found }) : bounded;
  });
}

/** The most tokens of the request's text: counted where the model says by what, and where that is less than its bytes. */
function countTokens({ tokens }: Ports, { vocabulary }: DecisionModel, judged: JudgedBody, bytes: Buffer): Eventually<number> {
  // What is charged by a rule of its own is taken off by its bytes, so these must be what is counted.
  if (vocabulary === undefined || judged.unbounded.length > 0) {
    return judged.textTokensMax;
  }
  return when(tokens.count(vocabulary, bytes), (counted) => Math.min(counted ?? judged.textTokensMax, judged.textTokensMax));
}

/** Takes the hold of a request under all its limits at once; undefined where none applies, or (store away) all of them let it through. */
export function takeHold(ports: Ports, limited: LimitedRequest | undefined): Eventually<Outcome<RequestHold | undefined>> {
  if (limited === undefined) {
    return next(undefined);
  }
  const { under, worst } = limited;
  // Of several targets each may bill: one that is silent for too long may work all the same.
  const amounts = worstOf(worst?.targets ?? []);
  return andThen(ports.holds.take({ under, amounts }), (hold) =>
    next(hold === undefined ? undefined : { hold, worst, onDisconnect: under.onDisconnect }),
  );
}
