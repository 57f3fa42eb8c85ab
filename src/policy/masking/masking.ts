import type { DirectionMasking, MaskingRule } from '../../core/masking.ts';
import { PERSON } from '../../core/entity-list.ts';
import { openMemo } from '../../core/memo.ts';
import type { Access } from '../access.ts';
import type { Ranked } from '../detect/detector-set.ts';
import { foundNameDetectors } from '../names/detectors.ts';
import { detectorsWith, type OwnEntities } from './detectors.ts';
import { mergeRules } from './merge-rules.ts';
import { planOf, type MaskingPlan } from './plan.ts';

/** What is masked for a caller. Plain data, so that it can go to another thread, which has a plan of its own. */
export interface Masking {
  /** The same for all that ask for the same. */
  readonly key: string;
  readonly rule: MaskingRule;
  /** Of the settings, what the rule names. */
  readonly own: OwnEntities;
}

/** Which policies a caller has is up to the settings: there are few sets of them. */
const plansMax = 256;
const plans = openMemo<MaskingPlan>(plansMax);

/** Its detectors, sorted out once in each thread. */
export const planFor = (masking: Masking): MaskingPlan => plans.get(masking.key, () => makePlan(masking));

const makePlan = ({ rule, own }: Masking, more: readonly Ranked[] = []): MaskingPlan =>
  planOf(rule, [...detectorsWith(own, rule.response?.trustedHosts ?? []), ...more]);

/** The same, and the names that were found in this one request. */
export const planWithNames = (masking: Masking, names: readonly string[]): MaskingPlan =>
  names.length === 0 ? planFor(masking) : makePlan(masking, foundNameDetectors(names));

/** Finds what is masked for a caller: by its grants, and by what holds for everybody. */
export function openMaskings(everybody: MaskingRule | undefined, declared: OwnEntities): (access: Access) => Masking | undefined {
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
    const masking = known.get(name) ?? maskingOf(mergeRules(rules), declared);
    known.set(name, masking);
    return masking;
  };
}

export function maskingOf(rule: MaskingRule, declared: OwnEntities = { patterns: new Map(), names: [] }): Masking {
  const isNamed = (entity: string): boolean => rule.request?.actions.has(entity) === true || rule.response?.actions.has(entity) === true;
  const patterns = [...declared.patterns].filter(([name]) => isNamed(name));
  const names = isNamed(PERSON) ? declared.names : [];
  return {
    key: JSON.stringify([
      written(rule.request),
      rule.request?.restore,
      written(rule.response),
      rule.response?.trustedHosts,
      patterns,
      names,
    ]),
    rule,
    own: { patterns: new Map(patterns), names },
  };
}

const written = (direction: DirectionMasking | undefined): unknown => direction && [[...direction.actions], direction.pass];
