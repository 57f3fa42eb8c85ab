import { z } from 'zod';
import { GUARD_DIRECTIONS, GUARD_KINDS, guardWindowMax, guardWindowMin } from '../core/guard.ts';
import { OPERATIONS } from '../core/operation.ts';
import { VOCABULARIES } from '../core/vocabulary.ts';
import { parseDurationMs, parseSizeBytes } from '../core/units.ts';
import { namesSchema, patternsSchema } from './detection-schema.ts';
import { priceList, pricesSchema } from './prices-schema.ts';
import { injectionSchema } from './injection-schema.ts';
import { maskingSchema } from './masking-schema.ts';
import { isTimeZone, limitSet, limitsSchema, timeZoneHelp } from './limits-schema.ts';
import { didYouMean } from './suggest.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and "-" (63 at most)');
const label = z.string().regex(/^[A-Za-z0-9._:@/-]{1,128}$/, 'use letters, digits and . _ : @ / - (128 at most)');
const modelName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, 'use letters, digits and . _ : / - (128 at most)');
const modelPattern = z
  .string()
  .regex(/^([A-Za-z0-9][A-Za-z0-9._:/-]{0,127}\*?|\*)$/, 'use an exact model name, or a prefix that ends in "*"');

function duration(fallback: string, minMs: number, maxMs: number): z.ZodDefault<z.ZodString> {
  const help = `use a duration such as 250ms, 10s, 5m or 2h, from ${String(minMs)}ms to ${String(maxMs)}ms`;
  const isWithin = (text: string): boolean => {
    const ms = parseDurationMs(text);
    return ms !== undefined && ms >= minMs && ms <= maxMs;
  };
  return z.string(help).refine(isWithin, help).default(fallback);
}

function size(fallback: string, minBytes: number, maxBytes: number): z.ZodDefault<z.ZodString> {
  const help = `use a size such as 64KiB or 16MiB, from ${String(minBytes)}B to ${String(maxBytes)}B`;
  const isWithin = (text: string): boolean => {
    const bytes = parseSizeBytes(text);
    return bytes !== undefined && bytes >= minBytes && bytes <= maxBytes;
  };
  return z.string(help).refine(isWithin, help).default(fallback);
}

const fileReference = z.string().regex(/^file:.{1,480}$/, 'use a file reference such as file:/etc/sallyport/tls.pem');
const secretReference = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}:.{1,480}$/, 'use a secret reference such as aws:prod/llm/openai#api_key or file:/run/secrets/openai');
const hostPort = z.string().regex(/^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'use HOST:PORT');
const unixSocket = z.string().regex(/^unix:.{1,100}$/, 'use unix:/path/to.sock (100 characters at most)');
const networks = z.array(z.string()).min(1);

/** A gRPC listener: a unix socket (mode 0660), or TCP with mutual TLS and a fixed list of client SANs. */
const grpcListener = z.union([
  unixSocket,
  z.strictObject({ address: hostPort, certificate: fileReference, clientCa: fileReference, clients: z.array(z.string().min(1)).min(1) }),
]);
/** One listener a process: `serve --instance N` takes the Nth; Envoy gets all of them as endpoints of one cluster. */
const grpcListeners = z.union([grpcListener, z.array(grpcListener).min(1).max(64)]);

const listen = z.strictObject({
  grpc: grpcListeners,
  sds: grpcListeners,
  health: z.union([hostPort, z.array(hostPort).min(1)]),
  admin: z.union([unixSocket, z.array(unixSocket).min(1).max(64)]).optional(),
  drain: duration('600s', 0, 86_400_000),
});

const edge = z.strictObject({
  listen: hostPort,
  certificate: fileReference,
  clientCa: fileReference.optional(),
  trustedHops: z.int().min(0).max(10).default(0),
  chain: z.enum(['authz+proc', 'proc']).default('authz+proc'),
  bodyMax: size('16MiB', 1_024, 256 * 1_024 ** 2),
  connectionsMax: z.int().min(1).max(1_000_000).default(10_000),
  timeouts: z
    .strictObject({
      headers: duration('10s', 100, 600_000),
      upload: duration('30s', 100, 3_600_000),
      streamIdle: duration('660s', 1_000, 7_200_000),
      decision: duration('2s', 50, 60_000),
      store: duration('50ms', 5, 1_000),
    })
    .prefault({}),
  admin: z.union([unixSocket, hostPort]).default('unix:/run/sallyport/envoy-admin.sock'),
  accessLog: z.string().min(1).max(255).default('/dev/stdout'),
  sidecarTls: z.strictObject({ certificate: fileReference, ca: fileReference, serverName: z.string().min(1) }).optional(),
});

const credential = z.union(
  [
    z.literal('none'),
    z.strictObject({
      secret: secretReference,
      refresh: duration('60s', 1_000, 86_400_000),
      overlap: duration('2h', 0, 7 * 86_400_000),
    }),
  ],
  'use none, or { secret: REFERENCE }',
);

const provider = z.strictObject({
  api: z.enum(['openai', 'anthropic']),
  url: z.string().min(1).max(512),
  credential,
  tls: z
    .strictObject({
      minimum: z.enum(['1.2', '1.3']).default('1.3'),
      ca: fileReference.optional(),
      pins: z
        .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'use the base64 of the SHA-256 of the certificate’s SPKI'))
        .min(1)
        .optional(),
    })
    .prefault({}),
  connectTimeout: duration('5s', 50, 60_000),
  allowPrivate: z.boolean().default(false),
  prices: priceList.optional(),
});

const tokenCount = z.int().min(1).max(100_000_000);

const model = z.strictObject({
  targets: z
    .array(z.strictObject({ provider: name, model: z.string().min(1).max(256) }))
    .min(1)
    .max(8),
  firstByte: duration('660s', 100, 7_200_000),
  output: z
    .strictObject({
      default: tokenCount.optional(),
      max: tokenCount.optional(),
      field: z.enum(['max_completion_tokens', 'max_tokens']).default('max_completion_tokens'),
    })
    .prefault({}),
  context: tokenCount.optional(),
  tokenizer: z.enum(VOCABULARIES).optional(),
  approval: z.literal('required').optional(),
});

const issuer = z.strictObject({
  issuer: z.string().min(1).max(512),
  audience: z.string().min(1).max(512),
  jwks: z.string().min(1).max(512),
  algorithms: z
    .array(z.enum(['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']))
    .min(1)
    .default(['ES256', 'EdDSA', 'RS256', 'PS256']),
  types: z.array(z.string().min(1)).min(1).default(['at+jwt']),
  require: z.strictObject({ scope: z.string().min(1).default('llm:access') }).prefault({}),
  client: z.string().min(1).default('client_id'),
  team: z.string().min(1).optional(),
  tier: z.string().min(1).optional(),
  user: z.string().min(1).default('sub'),
  maxAge: duration('24h', 1_000, 30 * 86_400_000),
  jwksMaxStale: duration('1h', 0, 7 * 86_400_000),
  allowPrivate: z.boolean().default(false),
});

const identity = z.strictObject({
  virtualKeys: z.strictObject({ pepper: secretReference }),
  jwt: z.array(issuer).default([]),
  mtls: z.strictObject({ principals: z.record(z.string().min(1).max(512), label) }).optional(),
});

const operations = z.array(z.enum(OPERATIONS)).min(1);
const policy = z.strictObject({
  models: z.array(modelPattern).min(1),
  operations: operations.optional(),
  providers: z.array(name).min(1).optional(),
  networks: networks.optional(),
  limits: limitSet.optional(),
  onDisconnect: z.enum(['hold', 'observed']).default('hold'),
  masking: maskingSchema.optional(),
  injection: injectionSchema.optional(),
  guards: z.array(name).max(16).default([]),
});

const score = z.number().min(0).max(1);
const guardLabel = z.string().regex(/^[A-Za-z][A-Za-z0-9_./-]{0,63}$/, 'use a label such as S6, US_SSN or hate/threatening');

const guardStreams = ['refuse', 'buffer'] as const;
const windowRange = `from ${String(guardWindowMin)} to ${String(guardWindowMax)}`;
const windowHelp = { error: `use a number of characters ${windowRange}` };
const guardStream = z.union(
  [z.enum(guardStreams), z.strictObject({ window: z.int(windowHelp).min(guardWindowMin, windowHelp).max(guardWindowMax, windowHelp) })],
  {
    error: ({ input }) =>
      `use refuse, buffer, or { window: N } with N characters ${windowRange}` +
      (typeof input === 'string' ? didYouMean(input, [...guardStreams, 'window']) : ''),
  },
);

const guardrail = z.strictObject({
  name,
  kind: z.enum(GUARD_KINDS),
  url: z.string().min(1).max(512),
  on: z.array(z.enum(GUARD_DIRECTIONS)).min(1).default(['request']),
  onFault: z.enum(['deny', 'allow']).default('deny'),
  stream: guardStream.default('refuse'),
  timeout: duration('1s', 50, 60_000),
  textMax: size('1MiB', 1_024, 1_024 ** 2),
  credential: credential.default('none'),
  ca: fileReference.optional(),
  allowPrivate: z.boolean().default(false),
  model: z.string().min(1).max(256).optional(),
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, 'use a language code such as en')
    .optional(),
  entities: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'use an entity such as PERSON or US_SSN'))
    .min(1)
    .max(128)
    .optional(),
  threshold: z.union([score, z.record(guardLabel, score)]).optional(),
  ignore: z.array(guardLabel).min(1).max(64).optional(),
});

const redisLedger = z.strictObject({
  url: z
    .string()
    .regex(
      /^rediss?(-sentinel|-cluster)?:\/\/[^:@/]+(:\d+)?/,
      'use redis://host:6379, redis-sentinel://host:26379/name or redis-cluster://host:6379 (rediss… for TLS), without a password',
    ),
  password: secretReference.optional(),
  sentinelPassword: secretReference.optional(),
  ca: fileReference.optional(),
  domain: name.default('default'),
});

const organisation = z.strictObject({
  timezone: z.string().refine(isTimeZone, timeZoneHelp).default('UTC'),
  teams: z.array(label).default([]),
});

const secretStore = z.strictObject({
  kind: z.literal('aws-secrets-manager'),
  region: z.string().regex(/^[a-z0-9-]{1,32}$/, 'use a region such as eu-central-1'),
  endpoint: z.string().min(1).max(512).optional(),
});

/** The shape of `sallyport.yaml`. It knows only what is enforced; every default lives here and nowhere else. */
export const settingsSchema = z.strictObject({
  version: z.literal(1),
  listen,
  edge,
  store: z.string().regex(/^sqlite:.{1,480}$/, 'use sqlite:PATH'),
  secrets: z.record(name, secretStore).default({}),
  providers: z.record(name, provider).refine((all) => Object.keys(all).length > 0, 'declare at least one provider'),
  models: z.record(modelName, model).refine((all) => Object.keys(all).length > 0, 'declare at least one model'),
  identity,
  policies: z.record(name, policy),
  guardrails: z.array(guardrail).max(32).default([]),
  teams: z.record(label, z.strictObject({ policy: name, networks: networks.optional(), clients: z.array(label).optional() })).default({}),
  clients: z.record(label, z.strictObject({ policy: name, networks: networks.optional() })).default({}),
  tiers: z.record(label, z.strictObject({ policy: name })).default({}),
  organisations: z.record(label, organisation).default({}),
  limits: limitsSchema.prefault({}),
  masking: maskingSchema.optional(),
  injection: injectionSchema.optional(),
  patterns: patternsSchema.default({}),
  names: namesSchema.prefault({}),
  ledger: z
    .union([z.literal('embedded'), redisLedger], 'use embedded, or a section such as { url: "redis://host:6379" }')
    .default('embedded'),
  journals: z.string().min(1).max(480).optional(),
  prices: pricesSchema.prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});

export type RawSettings = z.output<typeof settingsSchema>;

/** `sallyport.yaml` as it is written, before defaults. */
export type SettingsInput = z.input<typeof settingsSchema>;
