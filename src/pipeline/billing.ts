import type { Amounts } from '../core/limit.ts';
import { mayBill, type AttemptEnd } from '../policy/attempt-end.ts';
import type { Attempt } from '../policy/order.ts';
import { worstOf, type RequestWorst } from '../policy/limits/bound-request.ts';

/** The head of an answer, as far as it decides about the charge. */
export interface AnswerHead {
  readonly status: number;
  /** The cluster that answered; undefined for an answer of Envoy's own. */
  readonly provider: string | undefined;
  readonly attempts: number | undefined;
  /** Of the attempts before the last one, in their order. */
  readonly ends: readonly AttemptEnd[];
  readonly details: string;
  readonly contentType: string;
  readonly endOfStream: boolean;
}

/** What the head of an answer says about who may bill. */
export type Billing =
  /** No provider has seen the request. */
  | { readonly kind: 'unreached' }
  /** There is no answer to read a usage from. */
  | { readonly kind: 'failed'; readonly charge: Amounts }
  /** A provider may have worked, and nobody says which. */
  | { readonly kind: 'held' }
  /** `before` = the request itself, and targets before the one that answered. `answered` = which attempt, counted from 0. */
  | { readonly kind: 'answered'; readonly before: Amounts; readonly answered: number };

export interface BillingFacts {
  readonly attempts: readonly Attempt[];
  /** Undefined where only requests are limited. */
  readonly worst: RequestWorst | undefined;
}

/**
 * Envoy's `response.code_details` of answers that it made because no provider got the request: no host, no connection, no key, no room.
 * Everything else of Envoy's own (a reset, a time-out) may have come after the provider had begun.
 */
const UNREACHED =
  /no_healthy_upstream|cluster_not_found|no_cluster|connection_failure|connection_timeout|overflow|maximum_connections|rbac_access_denied|credential|direct_response|route_not_found/u;

const errorsFrom = 400;

export function billing(head: AnswerHead, facts: BillingFacts): Billing {
  if (head.provider === undefined) {
    return ownAnswer(head, facts);
  }
  const answered = answeredBy(head, facts.attempts);
  if (answered < 0) {
    return { kind: 'held' };
  }
  const others = triedBeside(answered, lastOf(head, facts.attempts) ?? answered).filter((each) => mayBill(endOf(head, each)));
  if (head.status < errorsFrom) {
    return { kind: 'answered', before: chargeOf(facts, others), answered };
  }
  const mayHaveWorked = mayBill({ kind: 'answered', status: head.status });
  return { kind: 'failed', charge: chargeOf(facts, mayHaveWorked ? [...others, answered] : others) };
}

/** An answer of Envoy's own, because of the last attempt or because there was none. */
function ownAnswer(head: AnswerHead, facts: BillingFacts): Billing {
  const last = lastOf(head, facts.attempts);
  const mayHaveLeft = !UNREACHED.test(head.details);
  if (last === undefined) {
    return { kind: mayHaveLeft ? 'held' : 'unreached' };
  }
  const earlier = triedBeside(last, last);
  if (!mayHaveLeft && earlier.every((each) => endOf(head, each).kind === 'unsent')) {
    return { kind: 'unreached' };
  }
  const charged = earlier.filter((each) => mayBill(endOf(head, each)));
  return { kind: 'failed', charge: chargeOf(facts, mayHaveLeft ? [...charged, last] : charged) };
}

/** The target of the last attempt, counted from 0; attempts beyond the order stay on its last target. Undefined where there was none. */
const lastOf = ({ attempts = 0 }: AnswerHead, order: readonly Attempt[]): number | undefined =>
  attempts < 1 ? undefined : Math.min(attempts, order.length) - 1;

/** Which attempt the answer comes from; below 0 where that cannot be. */
function answeredBy(head: AnswerHead, order: readonly Attempt[]): number {
  const last = lastOf(head, order) ?? 0;
  return order[last]?.cluster === head.provider ? last : order.findIndex(({ cluster }) => cluster === head.provider);
}

/** Every other target that was tried. Of one target only a connection is tried again, which never bills. */
const triedBeside = (answered: number, last: number): readonly number[] =>
  Array.from({ length: Math.max(answered, last) + 1 }, (_, index) => index).filter((index) => index !== answered);

const endOf = ({ ends }: AnswerHead, attempt: number): AttemptEnd => ends[attempt] ?? { kind: 'unanswered' };

const chargeOf = ({ worst }: BillingFacts, targets: readonly number[]): Amounts =>
  worstOf(targets.flatMap((index) => worst?.targets[index] ?? []));
