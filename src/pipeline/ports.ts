import type { Caller } from '../core/caller.ts';
import type { openCalendar } from '../core/calendar.ts';
import type { Clock } from '../core/clock.ts';
import type { ApiFamily } from '../core/operation.ts';
import type { InjectionRule } from '../core/injection.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Secret } from '../core/secret.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import type { Access, AccessTables } from '../policy/access.ts';
import type { Masking } from '../policy/masking/masking.ts';
import type { GuardTables } from '../policy/guards/tables.ts';
import type { LimitTables } from '../policy/limits/applicable.ts';
import type { CapRule } from '../policy/llm/cap-output.ts';
import type { PriceBook } from '../policy/prices/price-book.ts';
import type { Holds } from './holds.ts';
import type { BodyWorkers } from './body-workers.ts';
import type { ApprovalReader } from '../ports/approvals.ts';
import type { EntityFinder, Guards } from '../ports/guard.ts';
import type { KeyReader } from '../ports/key-store.ts';
import type { IssuerRules } from '../policy/jwt/rules.ts';
import type { SealedCaller } from '../policy/seal.ts';
import type { TokenCounter } from '../ports/token-counter.ts';
import type { TokenKeys } from '../ports/token-keys.ts';

/** The settings as decisions read them: indexed once, replaced whole on a reload. */
export interface DecisionSettings {
  readonly access: AccessTables;
  readonly limits: LimitTables;
  /** What is masked for a caller; undefined = nothing. */
  readonly masking: (access: Access) => Masking | undefined;
  /** Of everybody; policies have their own. */
  readonly injection: InjectionRule | undefined;
  readonly guards: GuardTables;
  /** The guard that finds names of persons; undefined = none does. */
  readonly nameFinder: string | undefined;
  readonly prices: PriceBook;
  readonly models: ReadonlyMap<string, DecisionModel>;
  readonly providers: ReadonlyMap<string, DecisionProvider>;
  /** Certificate principal → client; empty where mTLS is not an identity. */
  readonly principals: ReadonlyMap<string, string>;
  readonly issuers: ReadonlyMap<string, IssuerRules>;
  readonly trustedHops: number;
  readonly bodyBytesMax: number;
  /** Of one exchange, all its questions to stores together, in milliseconds. */
  readonly storeMsMax: number;
  /** Of one stage, in milliseconds; below Envoy's own message timeout, so that the answer is ours. */
  readonly stageMsMax: number;
}

export interface DecisionModel {
  readonly targets: readonly { readonly provider: string; readonly model: string }[];
  /** Value of the route header that leads to this model's route. */
  readonly route: string;
  /** What requests are fitted to; undefined where the settings name no cap. */
  readonly cap: CapRule | undefined;
  /** Tokens charged where the input cannot be bounded; undefined = such a request is refused. */
  readonly contextTokens: number | undefined;
  /** What the input's tokens are counted by; undefined = its bytes are the bound. */
  readonly vocabulary: Vocabulary | undefined;
  readonly needsApproval: boolean;
}

export interface DecisionProvider {
  readonly api: ApiFamily;
  readonly authority: string;
  readonly basePath: string;
  readonly needsKey: boolean;
  /** Envoy's cluster must have been made from the same facts. */
  readonly fingerprint: string;
}

/** Everything that a decision asks. */
export interface Ports extends BodyWorkers {
  readonly clock: Clock;
  readonly settings: () => DecisionSettings;
  readonly keys: Pick<KeyReader, 'find' | 'blocks'>;
  readonly approvals: ApprovalReader;
  readonly tokenKeys: TokenKeys;
  readonly credentials: Credentials;
  readonly guards: Guards & EntityFinder;
  readonly tokens: TokenCounter;
  readonly seals: Seals;
  readonly holds: Pick<Holds, 'take'>;
  readonly calendar: ReturnType<typeof openCalendar>;
}

/** The secrets in use: provider keys by provider name, the pepper under `pepperName`. Synchronous: refreshed beside the requests. */
export interface Credentials {
  served(name: string): Secret | undefined;
  /** The provider answered 401 to its served key. */
  reject(name: string): void;
}

/** Hands the caller from the stage that identified it to the one that decides, by way of Envoy. */
export interface Seals {
  /** `storeMs`: what the exchange has waited for stores so far. */
  seal(caller: Caller, exchangeId: string, storeMs: number): Outcome<string>;
  open(sealed: string | undefined, exchangeId: string): Outcome<Pick<SealedCaller, 'caller' | 'storeMs'>>;
}

/** No provider can be named so (provider names have no dot). */
export const pepperName = 'identity.pepper';
