import { never } from '../../core/assert.ts';
import { addAmounts } from '../../core/ledger/add-amounts.ts';
import { bounded } from '../../core/ledger/window.ts';
import { NOTHING, type Amounts } from '../../core/limit.ts';
import { deny, next, type Outcome } from '../../core/outcome.ts';
import type { JudgedBody } from '../llm/body.ts';
import { describeUnbounded, type UnboundedKind } from '../llm/unbounded.ts';
import { worstCase, type OutputCaps } from '../llm/worst-case.ts';
import type { Attempt } from '../order.ts';
import type { UnknownPrice } from '../prices/dearest.ts';
import type { PriceBook } from '../prices/price-book.ts';

/** A target of a request, and the most that it may bill. */
export interface TargetWorst {
  readonly cluster: string;
  readonly model: string;
  readonly tokens: number;
  readonly nanoUsd: number;
}

export interface RequestWorst {
  readonly inputTokens: number;
  readonly targets: readonly TargetWorst[];
}

/** Whatever these hold, a model reads at most its context window, once. Tools, and output beyond the cap, have no such bound. */
const READ_ONCE: readonly UnboundedKind[] = ['state', 'template', 'image', 'audio', 'file', 'part'];

/** The request itself, and all that these targets may bill. */
export const worstOf = (targets: readonly TargetWorst[]): Amounts =>
  targets.reduce<Amounts>((sum, { tokens, nanoUsd }) => addAmounts(sum, { requests: 0, tokens, nanoUsd }), { ...NOTHING, requests: 1 });

/** What a request may cost at each of its targets. Denied where that cannot be told before, or (under a budget) has no price. */
export function boundRequest(
  prices: Pick<PriceBook, 'ceilingOf'>,
  {
    model,
    judged,
    attempts,
    hasBudget,
  }: {
    readonly model: { readonly cap: OutputCaps | undefined; readonly contextTokens: number | undefined };
    readonly judged: JudgedBody;
    readonly attempts: readonly Attempt[];
    readonly hasBudget: boolean;
  },
): Outcome<RequestWorst> {
  const { contextTokens } = model;
  const rules = new Map(contextTokens === undefined ? [] : READ_ONCE.map((kind) => [kind, 0] as const));
  const worst = worstCase(judged, model.cap, rules);
  if (worst.kind === 'unbounded') {
    return deny('input_unbounded', worst.items.map(({ what }) => what).join(), describeUnbounded(worst.items));
  }
  const isRead = judged.unbounded.length > 0 && judged.operation !== 'count_tokens';
  const inputTokens = isRead ? Math.max(worst.inputTokens, contextTokens ?? 0) : worst.inputTokens;
  const { outputTokens } = worst;
  const targets: TargetWorst[] = [];
  for (const { cluster, model: name } of attempts) {
    const { operation, serviceTier, speed, inferenceGeo } = judged;
    const price = prices.ceilingOf(
      { provider: cluster, models: [name], operation, serviceTier, speed, inferenceGeo },
      { inputTokens, outputTokens, webSearches: 0 },
    );
    if (price.kind === 'unknown' && hasBudget) {
      return deny('price_unknown', `${cluster} ${price.what} ${price.name}`, describeUnpriced(price));
    }
    const nanoUsd = price.kind === 'unknown' ? 0 : price.nanoUsd;
    targets.push({ cluster, model: name, tokens: bounded(inputTokens + outputTokens), nanoUsd });
  }
  return next({ inputTokens, targets });
}

/** What of the request it is, where a client could leave it out. */
function describeUnpriced({ what, name }: UnknownPrice): string | undefined {
  switch (what) {
    case 'model':
      return undefined;
    case 'serviceTier':
      return `Without a price: the service tier "${name}".`;
    case 'component':
      return `Without a price: ${name}.`;
    default:
      return never(what);
  }
}
