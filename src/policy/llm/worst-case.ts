import type { JudgedBody } from './body.ts';
import { CAP_FIELDS, statedTokens } from './caps.ts';
import type { Unbounded, UnboundedKind } from './unbounded.ts';

/**
 * What a model answers with where the request states no cap (undefined = nobody knows), and at most. Tokens of each choice, `default` ≤ `max`.
 */
export interface OutputCaps {
  readonly default: number | undefined;
  readonly max: number;
}

/** Tokens to charge for each thing of a kind that the bytes do not bound, input and output in one figure; a kind without is refused. */
export type UnboundedRules = ReadonlyMap<UnboundedKind, number>;

/** The most that a request may cost once it is fitted to a target (`rewriteBody` with a cap), or what makes that unknown. */
export type WorstCase =
  | { readonly kind: 'bounded'; readonly inputTokens: number; readonly outputTokens: number }
  | { readonly kind: 'unbounded'; readonly items: readonly [Unbounded, ...Unbounded[]] };

const uncapped: Unbounded = { kind: 'output', what: 'an answer without a cap on its tokens', count: 1, bytes: 0 };

/** The cap on each choice that a request to such a model is sent with; undefined where it has none. */
export function cappedTokens({ caps }: JudgedBody, { default: usual, max }: Partial<OutputCaps> = {}): number | undefined {
  const asked = statedTokens(caps) ?? usual;
  return asked === undefined || max === undefined ? asked : Math.min(asked, max);
}

/** Tokens that all choices together may have; undefined where nothing caps them. */
function outputTokensMax(judged: JudgedBody, output: OutputCaps | undefined): number | undefined {
  if (CAP_FIELDS[judged.operation].length === 0) {
    return 0;
  }
  const each = cappedTokens(judged, output);
  return each === undefined ? undefined : Math.min(each * judged.choices, Number.MAX_SAFE_INTEGER);
}

const asWorstCase = (items: readonly Unbounded[], bounded: WorstCase): WorstCase => {
  const [first, ...rest] = items;
  return first === undefined ? bounded : { kind: 'unbounded', items: [first, ...rest] };
};

/**
 * The most tokens of input and output that a request may be billed for. `output` are the model's; without them a request must state its
 * own cap. Counting tokens is free. Integers, at most 2^53 - 1.
 */
export function worstCase(judged: JudgedBody, output: OutputCaps | undefined, rules: UnboundedRules): WorstCase {
  if (judged.operation === 'count_tokens') {
    return { kind: 'bounded', inputTokens: 0, outputTokens: 0 };
  }
  const outputTokens = outputTokensMax(judged, output);
  const refused = judged.unbounded.filter((item) => !rules.has(item.kind));
  let inputTokens = judged.textTokensMax + judged.addedTokensMax;
  for (const item of judged.unbounded) {
    const tokens = rules.get(item.kind);
    // What the rule charges for is not charged by its bytes too: an image in the request has a token for every few thousand of them.
    inputTokens += tokens === undefined ? 0 : tokens * item.count - item.bytes;
  }
  return asWorstCase(outputTokens === undefined ? [...refused, uncapped] : refused, {
    kind: 'bounded',
    inputTokens: Math.min(Math.max(0, inputTokens), Number.MAX_SAFE_INTEGER),
    outputTokens: outputTokens ?? 0,
  });
}
