/** What is limited: requests and tokens in a sliding window, exchanges in progress, money in a calendar period. */
export const LIMIT_KINDS = ['requests', 'tokens', 'concurrent', 'budget'] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

/** Whom a limit is about. `model` = everybody's use of one model. */
export const LIMIT_LEVELS = ['global', 'model', 'team', 'tier', 'client', 'user', 'key', 'address'] as const;
export type LimitLevel = (typeof LIMIT_LEVELS)[number];

/** Calendar periods, in the tenant's time zone; a week begins on Monday (ISO 8601). */
export type BudgetPeriod = 'day' | 'week' | 'month' | 'year';

/** What happens to a request while the store cannot be asked: refused, or let through uncounted. */
export type StoreAway = 'deny' | 'allow';

/** A limit as an operator sets it; whom it is about is said by where it stands. */
export type LimitRule = LimitFigure & {
  readonly limit: number;
  /** Only for this model; undefined = for all together. */
  readonly model: string | undefined;
  readonly storeAway: StoreAway;
};

type LimitFigure =
  | { readonly kind: 'requests' | 'tokens'; readonly windowMs: number }
  | { readonly kind: 'concurrent' }
  /** `limit` is in nano-USD. */
  | { readonly kind: 'budget'; readonly period: BudgetPeriod };

/** The limits beside those of policies. */
export interface LimitSettings {
  readonly global: readonly LimitRule[];
  readonly models: ReadonlyMap<string, readonly LimitRule[]>;
  readonly each: ReadonlyMap<LimitLevel, readonly LimitRule[]>;
  readonly timeZone: string;
}

/** A calendar period of a budget; `toMs` is the first millisecond after it. */
export interface Period {
  /** Unique within the budget, e.g. `2026-11`. */
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One counter of the ledger, and what it may reach. `key` is the same for every process that counts the same thing. */
export type Counter =
  | { readonly kind: 'requests' | 'tokens'; readonly key: string; readonly limit: number; readonly windowMs: number }
  | { readonly kind: 'concurrent'; readonly key: string; readonly limit: number }
  /** In nano-USD. `periods` are those around now: the store's clock picks one. */
  | { readonly kind: 'budget'; readonly key: string; readonly limit: number; readonly periods: readonly Period[] };

/** What one exchange takes of each counter of a kind (and of concurrent exchanges always one). Integers of at least 0. */
export interface Amounts {
  readonly requests: number;
  readonly tokens: number;
  /** 1e-9 US dollars: integers stay exact up to 9.0 million dollars a counter. */
  readonly nanoUsd: number;
}

export const NOTHING: Amounts = { requests: 0, tokens: 0, nanoUsd: 0 };

/** Whose spending an exchange is: the line of the statement that its charge is added to. Empty where a fact is not known. */
export interface Account {
  readonly team: string;
  readonly client: string;
  readonly key: string;
  readonly user: string;
  readonly model: string;
}
