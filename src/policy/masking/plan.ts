import type { MaskAction, MaskingRule, PassKind } from '../../core/masking.ts';
import { detectorSet, type DetectorSet, type Ranked } from '../detect/detector-set.ts';
import type { Unreadable } from '../llm/texts/site.ts';
import { strictness } from './merge-rules.ts';

/** How one direction is looked through. */
export interface DirectionPlan {
  readonly set: DetectorSet;
  /** By entity; none for what is only remembered. */
  readonly actions: ReadonlyMap<string, MaskAction>;
  /** False where everything passes that is found, so that what cannot be searched may pass as well. */
  readonly hides: boolean;
  readonly pass: ReadonlySet<PassKind>;
}

/** How requests are. */
export interface RequestPlan extends DirectionPlan {
  /** False: what was hidden never comes back. */
  readonly restore: boolean;
  /** True for what is a placeholder of the same request and was there before; undefined where nothing is. */
  readonly isLookAlike?: (standIn: string) => boolean;
}

/** A rule with its detectors sorted out, made once for many requests. */
export interface MaskingPlan {
  readonly request: RequestPlan | undefined;
  readonly response: DirectionPlan | undefined;
}

/** Between the priorities of two actions. A detector's own priority is below it. */
const actionStep = 100;

/** What an action adds to the priority of a detector. */
export const priorityOf = (action: MaskAction): number => (strictness(action) + 1) * actionStep;

/**
 * Where matches overlap, the region gets the name of the one with the strictest action, so that no mild one hides a strict one. What answers
 * are searched for is looked for in requests too: a client may be told what it said itself.
 */
export function planOf(rule: MaskingRule, detectors: readonly Ranked[]): MaskingPlan {
  const requested = rule.request?.actions ?? new Map<string, MaskAction>();
  const answered = rule.response?.actions ?? new Map<string, MaskAction>();
  const setFor = (actions: ReadonlyMap<string, MaskAction>, more: ReadonlyMap<string, MaskAction>): DetectorSet =>
    detectorSet(
      detectors
        .filter(({ detector: { entity } }) => actions.has(entity) || more.has(entity))
        .map(({ detector, priority }) => {
          const action = actions.get(detector.entity);
          return { detector, priority: priority + (action === undefined ? 0 : priorityOf(action)) };
        }),
    );
  const nothing = new Map<string, MaskAction>();
  return {
    request:
      rule.request === undefined && rule.response === undefined
        ? undefined
        : {
            set: setFor(requested, answered),
            actions: requested,
            hides: hidesAny(requested),
            pass: new Set(rule.request?.pass),
            restore: rule.request?.restore === true,
          },
    response:
      rule.response === undefined
        ? undefined
        : { set: setFor(answered, nothing), actions: answered, hides: hidesAny(answered), pass: new Set(rule.response.pass) },
  };
}

/** What cannot be searched and may not pass; undefined where nothing is hidden, or all of it may pass. */
export const unseenIn = ({ hides, pass }: DirectionPlan, unreadable: readonly Unreadable[]): Unreadable | undefined =>
  hides ? unreadable.find(({ what }) => !pass.has(what)) : undefined;

const hidesAny = (actions: ReadonlyMap<string, MaskAction>): boolean => [...actions.values()].some((action) => action !== 'log');
