import {
  MASK_ACTIONS,
  type AnswerMaskingRule,
  type DirectionMasking,
  type MaskAction,
  type MaskingRule,
  type RequestMasking,
} from '../../core/masking.ts';

/** How strict an action is: of several for the same entity the strictest holds. */
export const strictness = (action: MaskAction): number => MASK_ACTIONS.indexOf(action);

/** Several rules as one: all that any of them asks for, each entity by its strictest action, and only what all of them let pass. */
export const mergeRules = (rules: readonly MaskingRule[]): MaskingRule => ({
  request: mergeRequests(rules.flatMap(({ request }) => request ?? [])),
  response: mergeAnswers(rules.flatMap(({ response }) => response ?? [])),
});

function mergeRequests(rules: readonly RequestMasking[]): RequestMasking | undefined {
  const merged = mergeDirections(rules);
  return merged === undefined ? undefined : { ...merged, restore: rules.every(({ restore }) => restore) };
}

function mergeAnswers(rules: readonly AnswerMaskingRule[]): AnswerMaskingRule | undefined {
  const merged = mergeDirections(rules);
  const [first, ...others] = rules.map(({ trustedHosts }) => trustedHosts);
  return merged === undefined || first === undefined
    ? undefined
    : { ...merged, trustedHosts: others.reduce((left, right) => inBoth(left, right), first) };
}

function mergeDirections(rules: readonly DirectionMasking[]): DirectionMasking | undefined {
  const [first, ...others] = rules;
  return first === undefined ? undefined : others.reduce((left, right) => mergeTwo(left, right), first);
}

function mergeTwo(left: DirectionMasking, right: DirectionMasking): DirectionMasking {
  const actions = new Map(left.actions);
  for (const [entity, action] of right.actions) {
    const known = actions.get(entity);
    actions.set(entity, known === undefined || strictness(action) > strictness(known) ? action : known);
  }
  return { actions, pass: inBoth(left.pass, right.pass) };
}

function inBoth<Item>(left: readonly Item[], right: readonly Item[]): readonly Item[] {
  const allowed: ReadonlySet<Item> = new Set(right);
  return left.filter((item) => allowed.has(item));
}
