import { shareOf } from '../../core/ledger/counters.ts';
import type { Amounts, LimitKind, LimitLevel } from '../../core/limit.ts';
import { next, type Outcome } from '../../core/outcome.ts';
import type { Vocabulary } from '../../core/vocabulary.ts';
import type { Caller } from '../../core/caller.ts';
import { boundRequest, worstOf, type RequestWorst } from '../../policy/limits/bound-request.ts';
import { callerLimits, type CallerLimits } from '../../policy/limits/caller-limits.ts';
import { limitReached, spanText } from '../../policy/limits/refusal.ts';
import type { JudgedBody } from '../../policy/llm/body.ts';
import type { Attempt } from '../../policy/order.ts';
import { formatUsd } from '../../policy/usage/usd.ts';
import type { Refusals } from './refusals.ts';
import type { ExplainModel, ExplainSettings } from './settings.ts';

export interface ExplainedLimit {
  readonly level: LimitLevel;
  /** Whom it is counted for; '' for everybody. */
  readonly subject: string;
  readonly kind: LimitKind;
  /** Of a budget in US dollars. */
  readonly limit: string;
  readonly per: string;
  readonly ofModel: boolean;
  /** What this request would hold of it; undefined where that cannot be told. */
  readonly held: string | undefined;
}

export interface ExplainedLimits {
  readonly limits: readonly ExplainedLimit[];
  /** The most tokens of its input; undefined where neither tokens nor money are limited, or where that cannot be told. */
  readonly inputTokensMax: number | undefined;
  /** What the gateway would count its tokens by, which may be fewer than its bytes; undefined = they are counted as here. */
  readonly countedBy: Vocabulary | undefined;
}

export interface LimitedFacts {
  readonly caller: Caller;
  readonly keyPolicy: string | undefined;
  readonly model: ExplainModel;
  readonly judged: JudgedBody;
  readonly attempts: readonly Attempt[];
}

/** The limits that a request falls under and the most that it may cost; whether there is room is for the ledger to say. */
export function explainLimits(settings: ExplainSettings, facts: LimitedFacts, refusals: Refusals): ExplainedLimits {
  const { caller, keyPolicy, model, judged } = facts;
  const { teams, teamOfClient, clients, tiers } = settings.access;
  const assignments = { keyPolicy, teams, teamOfClient, clients, tiers };
  // Which calendar period is open changes no figure.
  const under = callerLimits({ caller, model: judged.model, assignments, tables: settings.limits }, () => []);
  if (under === undefined) {
    return { limits: [], inputTokensMax: undefined, countedBy: undefined };
  }
  const worst = refusals.take('limits', boundOf(settings, under, facts));
  const amounts = worst === undefined ? undefined : worstOf(worst.bound?.targets ?? []);
  const countedBy = worst?.bound !== undefined && judged.unbounded.length === 0 ? model.vocabulary : undefined;
  if (amounts !== undefined && countedBy === undefined) {
    refusals.take('limits', judgeSize(under, amounts));
  }
  return { limits: under.limits.map((each) => viewOf(each, amounts)), inputTokensMax: worst?.bound?.inputTokens, countedBy };
}

function boundOf(
  { prices }: ExplainSettings,
  { kinds }: CallerLimits,
  { model, judged, attempts }: LimitedFacts,
): Outcome<{ readonly bound: RequestWorst | undefined }> {
  const hasBudget = kinds.has('budget');
  if (!kinds.has('tokens') && !hasBudget) {
    return next({ bound: undefined });
  }
  const bound = boundRequest(prices, { model, judged, attempts, hasBudget });
  return bound.kind === 'next' ? next({ bound: bound.found }) : bound;
}

/** What would not even fit into limits that nobody else uses. */
function judgeSize({ limits }: CallerLimits, amounts: Amounts): Outcome<null> {
  const index = limits.findIndex(({ counter }) => shareOf(counter, amounts) > counter.limit);
  const over = limits[index];
  return over === undefined ? next(null) : limitReached(over, { index, retryAfterMs: undefined });
}

function viewOf(
  { limit: { level, subject, rule }, counter }: CallerLimits['limits'][number],
  amounts: Amounts | undefined,
): ExplainedLimit {
  const { kind } = rule;
  const figure = (amount: number): string => (kind === 'budget' ? formatUsd(BigInt(amount)) : String(amount));
  return {
    level,
    subject,
    kind,
    limit: figure(rule.limit),
    per: spanText({ rule }).trim(),
    ofModel: rule.model !== undefined,
    held: amounts === undefined ? undefined : figure(shareOf(counter, amounts)),
  };
}
