import type { DirectionMasking, MaskingRule } from '../../core/masking.ts';
import { openMemo } from '../../core/memo.ts';
import type { PatternSetting } from '../../core/pattern/user-pattern.ts';
import type { Access } from '../access.ts';
import { detectorsWith } from './detectors.ts';
import { mergeRules } from './merge-rules.ts';
import { planOf, type MaskingPlan } from './plan.ts';

/** What is masked for a caller. Plain data, so that it can go to another thread, which has a plan of its own. */
export interface Masking {
  /** The same for all that ask for the same. */
  readonly key: string;
  readonly rule: MaskingRule;
  /** Of the settings, those that the rule names. */
  readonly patterns: ReadonlyMap<string, PatternSetting>;
}

/** Which policies a caller has is up to the settings: there are few sets of them. */
const plansMax = 256;
const plans = openMemo<MaskingPlan>(plansMax);

/** Its detectors, sorted out once in each thread. */
export const planFor = ({ key, rule, patterns }: Masking): MaskingPlan =>
  plans.get(key, () => planOf(rule, detectorsWith(patterns, rule.response?.trustedHosts ?? [])));

/** Finds what is masked for a caller: by its grants, and by what holds for everybody. */
export function openMaskings(
  everybody: MaskingRule | undefined,
  patterns: ReadonlyMap<string, PatternSetting>,
): (access: Access) => Masking | undefined {
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
    const masking = known.get(name) ?? maskingOf(mergeRules(rules), patterns);
    known.set(name, masking);
    return masking;
  };
}

export function maskingOf(rule: MaskingRule, declared: ReadonlyMap<string, PatternSetting> = new Map()): Masking {
  const patterns = [...declared].filter(([name]) => rule.request?.actions.has(name) === true || rule.response?.actions.has(name) === true);
  return {
    key: JSON.stringify([written(rule.request), rule.request?.restore, written(rule.response), rule.response?.trustedHosts, patterns]),
    rule,
    patterns: new Map(patterns),
  };
}

const written = (direction: DirectionMasking | undefined): unknown => direction && [[...direction.actions], direction.pass];
