import type { DirectionMasking, MaskingRule } from '../../core/masking.ts';
import { openMemo } from '../../core/memo.ts';
import type { Access } from '../access.ts';
import { builtInDetectors } from './detectors.ts';
import { mergeRules } from './merge-rules.ts';
import { planOf, type MaskingPlan } from './plan.ts';

/** What is masked for a caller. Plain data, so that it can go to another thread, which has a plan of its own. */
export interface Masking {
  /** The same for all that ask for the same. */
  readonly key: string;
  readonly rule: MaskingRule;
}

/** Which policies a caller has is up to the settings: there are few sets of them. */
const plansMax = 256;
const plans = openMemo<MaskingPlan>(plansMax);

/** Its detectors, sorted out once in each thread. */
export const planFor = ({ key, rule }: Masking): MaskingPlan => plans.get(key, () => planOf(rule, builtInDetectors));

/** Finds what is masked for a caller: by its grants, and by what holds for everybody. */
export function openMaskings(everybody: MaskingRule | undefined): (access: Access) => Masking | undefined {
  const numbers = new Map<MaskingRule, number>();
  const known = new Map<string, Masking>();
  const numberOf = (rule: MaskingRule): number => {
    const number = numbers.get(rule) ?? numbers.size;
    numbers.set(rule, number);
    return number;
  };
  return (access) => {
    const rules = [everybody, ...access.map(({ masking }) => masking)].filter((rule) => rule !== undefined);
    if (rules.length === 0) {
      return undefined;
    }
    const name = rules.map((rule) => numberOf(rule)).join(',');
    const masking = known.get(name) ?? maskingOf(mergeRules(rules));
    known.set(name, masking);
    return masking;
  };
}

export const maskingOf = (rule: MaskingRule): Masking => ({
  key: JSON.stringify([written(rule.request), rule.request?.restore, written(rule.response)]),
  rule,
});

const written = (direction: DirectionMasking | undefined): unknown => direction && [[...direction.actions], direction.pass];
