import { z } from 'zod';
import type { LimitLevel, LimitRule, LimitSettings, StoreAway } from '../core/limit.ts';
import { must } from '../core/assert.ts';
import { budgetHelp, rateHelp, readBudget, readRate, type Read } from './limit-text.ts';

const storeAway = z.enum(['deny', 'allow']).default('deny');
const concurrentMax = 1_000_000;
export const timeZoneHelp = 'use a time zone of the IANA database such as UTC, Europe/Berlin or Asia/Kolkata';

/** A limit's text that says itself what is wrong with it. */
const text = (reading: (value: string) => Read<unknown>): z.ZodString =>
  z.string().superRefine((value, context) => {
    const result = reading(value);
    if (result.kind === 'problem') {
      context.addIssue({ code: 'custom', message: result.problem });
    }
  });

/** Alone, or with what narrows it; one, or several. */
function rules<Value extends z.ZodType>(value: Value, help: string) {
  const rule = z.union([value, z.strictObject({ limit: value, model: z.string().optional(), storeAway })], help);
  return z.union([rule, z.array(rule).min(1).max(rulesMax)], help).optional();
}
const concurrentHelp = 'use a whole number such as 5: so many at once, without a window';
const rulesMax = 32;

/** Limits of one subject. */
export const limitSet = z
  .strictObject({
    requests: rules(text(readRate), rateHelp),
    tokens: rules(text(readRate), rateHelp),
    concurrent: rules(z.int().min(1).max(concurrentMax), concurrentHelp),
    budget: rules(text(readBudget), budgetHelp),
  })
  .meta({ id: 'Limits' });

/** `limits` of the settings: what holds for everybody together, for each model, and for each user, key and so on alone. */
export const limitsSchema = z.strictObject({
  global: limitSet.optional(),
  models: z.record(z.string(), limitSet).default({}),
  perUser: limitSet.optional(),
  perKey: limitSet.optional(),
  perClient: limitSet.optional(),
  perTeam: limitSet.optional(),
  perTier: limitSet.optional(),
  perAddress: limitSet.optional(),
  timezone: z.string().refine(isTimeZone, timeZoneHelp).default('UTC'),
});

export type RawLimitSet = z.output<typeof limitSet>;

/** Every rule of a subject. */
export const resolveLimits = (raw: RawLimitSet = {}): readonly LimitRule[] => [
  ...rulesIn(raw.requests).map((each): LimitRule => ({ kind: 'requests', ...each, ...known(readRate(each.limit)) })),
  ...rulesIn(raw.tokens).map((each): LimitRule => ({ kind: 'tokens', ...each, ...known(readRate(each.limit)) })),
  ...rulesIn(raw.concurrent).map((each): LimitRule => ({ kind: 'concurrent', ...each })),
  ...rulesIn(raw.budget).map((each): LimitRule => ({ kind: 'budget', ...each, ...known(readBudget(each.limit)) })),
];

type Written<Value> = Value | { readonly limit: Value; readonly model?: string | undefined; readonly storeAway: StoreAway };
interface Rule<Value> {
  readonly limit: Value;
  readonly model: string | undefined;
  readonly storeAway: StoreAway;
}

/** One, several or none, each written short or long. */
export function rulesIn<Value extends string | number>(
  written: Written<Value> | readonly Written<Value>[] | undefined,
): readonly Rule<Value>[] {
  const all = written === undefined ? [] : isList(written) ? written : [written];
  return all.map((each) =>
    typeof each === 'object' ? { model: undefined, ...each } : { limit: each, model: undefined, storeAway: 'deny' },
  );
}

const isList = <Value>(written: Value | readonly Value[]): written is readonly Value[] => Array.isArray(written);

export function resolveLimitSettings(raw: z.output<typeof limitsSchema>): LimitSettings {
  const each: readonly (readonly [LimitLevel, RawLimitSet | undefined])[] = [
    ['user', raw.perUser],
    ['key', raw.perKey],
    ['client', raw.perClient],
    ['team', raw.perTeam],
    ['tier', raw.perTier],
    ['address', raw.perAddress],
  ];
  return {
    global: resolveLimits(raw.global),
    models: new Map(Object.entries(raw.models).map(([model, limits]) => [model, resolveLimits(limits)])),
    each: new Map(each.map(([level, limits]) => [level, resolveLimits(limits)])),
    timeZone: raw.timezone,
  };
}

function known<Found>(result: Read<Found>): Found {
  must(result.kind === 'read', 'the schema let a bad limit through');
  return result.found;
}

export function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
