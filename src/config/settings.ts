import type { GuardDirection, GuardKind, GuardStream } from '../core/guard.ts';
import type { ApiFamily, Operation } from '../core/operation.ts';
import type { InjectionRule } from '../core/injection.ts';
import type { MaskingRule } from '../core/masking.ts';
import type { LimitRule, LimitSettings } from '../core/limit.ts';
import type { PatternSetting } from '../core/pattern/user-pattern.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import type { PriceSettings } from './prices-schema.ts';
import type { RawSettings } from './schema.ts';

/** A gRPC listener, resolved: absolute paths, numbers instead of text. */
export type GrpcListener =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly certificate: string;
      readonly clientCa: string;
      readonly clients: readonly string[];
    };

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export type AdminAddress = { readonly kind: 'unix'; readonly path: string } | ({ readonly kind: 'tcp' } & HostPort);

/** Where a secret is, and how it is kept fresh. */
export interface CredentialPlace {
  readonly secret: string;
  readonly refreshMs: number;
  readonly overlapMs: number;
}

export interface Provider {
  /** Also the name of its Envoy cluster and of its SDS secret. */
  readonly name: string;
  readonly api: ApiFamily;
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  /** `host[:port]` as the provider gets it in `:authority`. */
  readonly authority: string;
  /** Base path without a trailing slash, e.g. `` or `/api`. */
  readonly basePath: string;
  readonly credential: CredentialPlace | undefined;
  readonly tlsMinimum: '1.2' | '1.3';
  readonly tlsCa: string | undefined;
  readonly tlsPins: readonly string[] | undefined;
  readonly connectTimeoutMs: number;
  /** The operator said that this address may be private or loopback. */
  readonly allowPrivate: boolean;
  /** The price list that holds for it; undefined = by its host. */
  readonly priceList: string | undefined;
}

export interface ModelTarget {
  readonly provider: string;
  readonly model: string;
}

export interface Model {
  readonly name: string;
  readonly targets: readonly ModelTarget[];
  /** Longest silence of a provider, before its answer and within it; then the next target is tried or the stream is cut. */
  readonly firstByteMs: number;
  /** Tokens of one choice. */
  readonly output: {
    /** Held, and asked of the provider, where the request names no cap; undefined = it must name one where tokens or money are limited. */
    readonly default: number | undefined;
    /** What a larger cap is lowered to. */
    readonly max: number | undefined;
    /** How the targets of this model call the cap of a chat. */
    readonly field: 'max_completion_tokens' | 'max_tokens';
  };
  /** The context window in tokens: charged where the input cannot be bounded by its bytes; undefined = such a request is refused. */
  readonly contextTokens: number | undefined;
  /** The vocabulary of all its targets: the input is bounded by its tokens, and not by bytes. */
  readonly vocabulary: Vocabulary | undefined;
  /** A high-cost model: a caller needs an approval that is in force. */
  readonly needsApproval: boolean;
}

export interface Policy {
  readonly name: string;
  /** Exact names and `prefix*` patterns over declared models. */
  readonly models: readonly string[];
  readonly operations: readonly Operation[] | undefined;
  /** Providers whose targets may be used, also as a fallback; undefined = all. */
  readonly providers: readonly string[] | undefined;
  readonly networks: readonly string[] | undefined;
  readonly limits: readonly LimitRule[];
  /** What a stream is charged that the client left: all that was held, or what was seen of it. */
  readonly onDisconnect: 'hold' | 'observed';
  /** Undefined = it asks for none. */
  readonly masking: MaskingRule | undefined;
  readonly injection: InjectionRule | undefined;
  /** Names of the guards that judge what its callers send and get. */
  readonly guards: readonly string[];
}

export interface Guardrail {
  readonly name: string;
  readonly kind: GuardKind;
  /** A base URL; of the kind `http` the URL itself. */
  readonly url: string;
  readonly on: readonly GuardDirection[];
  readonly onFault: 'deny' | 'allow';
  /** What becomes of streams that it is to judge the answer of. */
  readonly stream: GuardStream;
  readonly timeoutMs: number;
  /** Of all texts of one question; one with more gets no verdict. */
  readonly textBytesMax: number;
  readonly credential: CredentialPlace | undefined;
  /** Path of the authority for its certificate, in place of the system's. */
  readonly ca: string | undefined;
  readonly allowPrivate: boolean;
  readonly model: string | undefined;
  readonly language: string | undefined;
  readonly entities: readonly string[] | undefined;
  /** From which score on a text is flagged: one for all labels, or by label. Without one the guard's own word counts. */
  readonly threshold: number | ReadonlyMap<string, number> | undefined;
  /** Labels that flag nothing. */
  readonly ignore: readonly string[];
}

export interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: string;
  readonly algorithms: readonly string[];
  readonly types: readonly string[];
  readonly requiredScope: string;
  readonly clientClaim: string;
  readonly teamClaim: string | undefined;
  readonly tierClaim: string | undefined;
  readonly userClaim: string;
  readonly maxAgeMs: number;
  readonly jwksMaxStaleMs: number;
  readonly allowPrivate: boolean;
}

export interface Edge {
  readonly listen: HostPort;
  readonly certificate: string;
  readonly clientCa: string | undefined;
  readonly trustedHops: number;
  readonly chain: 'authz+proc' | 'proc';
  readonly bodyMaxBytes: number;
  readonly connectionsMax: number;
  readonly headersTimeoutMs: number;
  readonly uploadTimeoutMs: number;
  readonly streamIdleMs: number;
  readonly decisionTimeoutMs: number;
  /** How long a request waits for each answer of a store. */
  readonly storeTimeoutMs: number;
  readonly admin: AdminAddress;
  readonly accessLog: string;
  readonly sidecarTls: { readonly certificate: string; readonly ca: string; readonly serverName: string } | undefined;
}

/** Where holds are kept: in a file beside the store, or in Redis. */
export type LedgerPlace =
  | { readonly kind: 'embedded'; readonly path: string }
  | {
      readonly kind: 'redis';
      readonly url: string;
      readonly password: string | undefined;
      readonly sentinelPassword: string | undefined;
      readonly ca: string | undefined;
      readonly domain: string;
    };

/** `sallyport.yaml`, parsed, resolved and frozen: nothing in it can be wrong any more. */
export interface Settings {
  readonly listen: {
    readonly grpc: readonly GrpcListener[];
    readonly sds: readonly GrpcListener[];
    readonly health: readonly HostPort[];
    /** Paths of unix sockets, one per process; empty where there is no admin API. */
    readonly admin: readonly string[];
    readonly drainMs: number;
  };
  readonly edge: Edge;
  readonly store: { readonly kind: 'sqlite'; readonly path: string };
  readonly secretStores: ReadonlyMap<string, RawSettings['secrets'][string]>;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly models: ReadonlyMap<string, Model>;
  readonly identity: {
    readonly pepper: string;
    readonly issuers: readonly Issuer[];
    /** Certificate principal → client name; undefined where mTLS is not an identity. */
    readonly principals: ReadonlyMap<string, string> | undefined;
  };
  readonly policies: ReadonlyMap<string, Policy>;
  /** What holds for everybody, beside that of policies. */
  readonly masking: MaskingRule | undefined;
  readonly injection: InjectionRule | undefined;
  readonly guardrails: ReadonlyMap<string, Guardrail>;
  readonly teams: ReadonlyMap<
    string,
    { readonly policy: string; readonly networks: readonly string[] | undefined; readonly clients: readonly string[] }
  >;
  readonly clients: ReadonlyMap<string, { readonly policy: string; readonly networks: readonly string[] | undefined }>;
  readonly tiers: ReadonlyMap<string, { readonly policy: string }>;
  readonly organisations: ReadonlyMap<string, { readonly timezone: string; readonly teams: readonly string[] }>;
  readonly limits: LimitSettings;
  /** Entities of one's own, by name. */
  readonly patterns: ReadonlyMap<string, PatternSetting>;
  /** Names that the entity `person` finds wherever they stand. */
  readonly names: {
    readonly known: readonly string[];
    /** The guard that finds more of them in requests. */
    readonly presidio: string | undefined;
  };
  readonly ledger: LedgerPlace;
  /** Directory of the journals of holds, one file per process. */
  readonly journals: string;
  readonly prices: PriceSettings;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}
