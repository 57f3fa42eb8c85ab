import type { Amounts } from '../core/limit.ts';
import type { Attempt } from '../policy/order.ts';
import { worstOf, type RequestWorst, type TargetWorst } from './worst-case.ts';

/** The head of an answer, as far as it decides about the charge. */
export interface AnswerHead {
  readonly status: number;
  /** The cluster that answered; undefined for an answer of Envoy's own. */
  readonly provider: string | undefined;
  readonly attempts: number | undefined;
  readonly details: string;
  readonly contentType: string;
  readonly endOfStream: boolean;
}

/** What the head of an answer says about who may bill. `before` = what silent targets before it are charged, and the request itself. */
export type Billing =
  /** No provider has seen the request. */
  | { readonly kind: 'unreached' }
  | { readonly kind: 'unbilled'; readonly before: Amounts }
  /** A provider may have worked, and nobody says how much. */
  | { readonly kind: 'held' }
  /** `answered` = which attempt, counted from 0. */
  | { readonly kind: 'answered'; readonly before: Amounts; readonly answered: number };

export interface BillingFacts {
  readonly attempts: readonly Attempt[];
  /** Undefined where only requests are limited. */
  readonly worst: RequestWorst | undefined;
  /** From the release to the head of the answer. */
  readonly waitedMs: number;
  /** After so long without an answer Envoy asks the next target; the silent one may work on. */
  readonly firstByteMs: number;
}

/**
 * Envoy's `response.code_details` of answers that it made because no provider got the request: no host, no connection, no key, no room.
 * Everything else of Envoy's own (a reset, a time-out) may have come after the provider had begun.
 */
const UNREACHED =
  /no_healthy_upstream|cluster_not_found|no_cluster|connection_failure|connection_timeout|overflow|maximum_connections|rbac_access_denied|credential|direct_response|route_not_found/u;

/** Statuses by which somebody says that it gave up waiting for work that may go on. */
const UNFINISHED: ReadonlySet<number> = new Set([408, 504]);
const errorsFrom = 400;

export function billing(head: AnswerHead, facts: BillingFacts): Billing {
  const targets = facts.worst?.targets ?? [];
  const count = silentBefore(head, facts);
  const silent = dearestOf(targets.slice(0, (head.attempts ?? 1) - 1), count);
  const before = worstOf(silent);
  if (head.provider === undefined) {
    return ownAnswer(head, count > 0, before);
  }
  const answered = answeredBy(head, facts.attempts);
  if (answered < 0) {
    return { kind: 'held' };
  }
  if (head.status < errorsFrom) {
    return { kind: 'answered', before, answered };
  }
  const worked = UNFINISHED.has(head.status) ? targets.slice(answered, answered + 1) : [];
  return { kind: 'unbilled', before: worstOf([...silent, ...worked]) };
}

/** An answer of Envoy's own. */
function ownAnswer({ details }: AnswerHead, hasSilent: boolean, before: Amounts): Billing {
  if (!UNREACHED.test(details)) {
    return { kind: 'held' };
  }
  return hasSilent ? { kind: 'unbilled', before } : { kind: 'unreached' };
}

/** How many targets may have been given up on only because they were silent. */
const silentBefore = ({ attempts = 1 }: AnswerHead, { waitedMs, firstByteMs }: BillingFacts): number =>
  Math.max(0, Math.min(attempts - 1, Math.floor(waitedMs / firstByteMs)));

/** The time tells how many were silent, not which: others may have failed at once before them. */
const dearestOf = (targets: readonly TargetWorst[], count: number): readonly TargetWorst[] =>
  targets.toSorted((left, right) => right.nanoUsd - left.nanoUsd).slice(0, count);

/** Which attempt the answer comes from; below 0 where that cannot be. Attempts beyond the order stay on its last target. */
function answeredBy({ attempts = 1, provider }: AnswerHead, order: readonly Attempt[]): number {
  const last = Math.min(Math.max(1, attempts), order.length) - 1;
  return order[last]?.cluster === provider ? last : order.findIndex(({ cluster }) => cluster === provider);
}
