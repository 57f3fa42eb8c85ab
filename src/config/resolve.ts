import { isAbsolute, resolve } from 'node:path';
import { must } from '../core/assert.ts';
import { parseDurationMs, parseSizeBytes } from '../core/units.ts';
import { resolvePatterns } from './detection-schema.ts';
import { resolveLimits, resolveLimitSettings } from './limits-schema.ts';
import { resolveInjection } from './injection-schema.ts';
import { resolveMasking } from './masking-schema.ts';
import { resolvePrices } from './prices-schema.ts';
import type { RawSettings } from './schema.ts';
import type {
  AdminAddress,
  CredentialPlace,
  Edge,
  GrpcListener,
  Guardrail,
  HostPort,
  Issuer,
  LedgerPlace,
  Model,
  Provider,
  Settings,
} from './settings.ts';

/** Turns schema-checked text into the frozen values that the program uses. Relative paths are relative to `directory`, where the file lies. */
export function resolveSettings(raw: RawSettings, directory: string): Settings {
  const file = (reference: string): string => absolute(directory, reference.replace(/^file:/, ''));
  const listeners = (value: RawSettings['listen']['grpc']): readonly GrpcListener[] =>
    (Array.isArray(value) ? value : [value]).map((each) =>
      typeof each === 'string'
        ? { kind: 'unix', path: absolute(directory, each.slice('unix:'.length)) }
        : {
            kind: 'tcp',
            ...parseHostPort(each.address),
            certificate: file(each.certificate),
            clientCa: file(each.clientCa),
            clients: each.clients,
          },
    );
  const secret = (reference: string): string =>
    reference.startsWith('file:') ? `file:${absolute(directory, reference.slice('file:'.length))}` : reference;
  return deepFreeze({
    listen: {
      grpc: listeners(raw.listen.grpc),
      sds: listeners(raw.listen.sds),
      health: (Array.isArray(raw.listen.health) ? raw.listen.health : [raw.listen.health]).map(parseHostPort),
      admin: [raw.listen.admin ?? []].flat().map((each) => absolute(directory, each.slice('unix:'.length))),
      drainMs: ms(raw.listen.drain),
    },
    edge: resolveEdge(raw.edge, directory, file),
    store: { kind: 'sqlite', path: absolute(directory, raw.store.slice('sqlite:'.length)) },
    secretStores: new Map(Object.entries(raw.secrets)),
    providers: new Map(Object.entries(raw.providers).map(([name, each]) => [name, resolveProvider(name, each, file, secret)])),
    models: resolveModels(raw),
    identity: {
      pepper: secret(raw.identity.virtualKeys.pepper),
      issuers: raw.identity.jwt.map((each) => resolveIssuer(each, directory)),
      principals: raw.identity.mtls === undefined ? undefined : new Map(Object.entries(raw.identity.mtls.principals)),
    },
    ...resolveAccess(raw),
    masking: resolveMasking(raw.masking),
    injection: resolveInjection(raw.injection),
    patterns: resolvePatterns(raw.patterns),
    guardrails: new Map(raw.guardrails.map((each) => [each.name, resolveGuardrail(each, file, secret)])),
    names: { known: raw.names.known, presidio: raw.names.presidio },
    ledger: resolveLedger(raw, directory, file, secret),
    journals: resolveJournals(raw, directory),
    prices: resolvePrices(raw.prices),
    logLevel: raw.log.level,
  });
}

const resolveModels = (raw: RawSettings): Settings['models'] =>
  new Map(
    Object.entries(raw.models).map(([name, each]): [string, Model] => [
      name,
      {
        name,
        targets: each.targets,
        firstByteMs: ms(each.firstByte),
        output: { default: each.output.default, max: each.output.max, field: each.output.field },
        contextTokens: each.context,
        vocabulary: each.tokenizer,
        needsApproval: each.approval === 'required',
      },
    ]),
  );

/** Who gets which policy, and what is limited. */
const resolveAccess = (raw: RawSettings): Pick<Settings, 'policies' | 'teams' | 'clients' | 'tiers' | 'organisations' | 'limits'> => ({
  policies: new Map(
    Object.entries(raw.policies).map(([name, each]) => [
      name,
      {
        name,
        models: each.models,
        operations: each.operations,
        providers: each.providers,
        networks: each.networks,
        limits: resolveLimits(each.limits),
        onDisconnect: each.onDisconnect,
        masking: resolveMasking(each.masking),
        injection: resolveInjection(each.injection),
        guards: each.guards,
      },
    ]),
  ),
  teams: new Map(
    Object.entries(raw.teams).map(([name, each]) => [name, { policy: each.policy, networks: each.networks, clients: each.clients ?? [] }]),
  ),
  clients: new Map(Object.entries(raw.clients).map(([name, each]) => [name, { policy: each.policy, networks: each.networks }])),
  tiers: new Map(Object.entries(raw.tiers)),
  organisations: new Map(Object.entries(raw.organisations)),
  limits: resolveLimitSettings(raw.limits),
});

/** The embedded ledger has a file of its own: keys are read at every request, holds are written at every one. */
function resolveLedger(
  { ledger, store }: RawSettings,
  directory: string,
  file: (reference: string) => string,
  secret: (reference: string) => string,
): LedgerPlace {
  if (ledger === 'embedded') {
    return { kind: 'embedded', path: `${absolute(directory, store.slice('sqlite:'.length)).replace(/\.db$/, '')}-ledger.db` };
  }
  const { url, password, sentinelPassword, ca, domain } = ledger;
  return {
    kind: 'redis',
    url,
    password: password === undefined ? undefined : secret(password),
    sentinelPassword: sentinelPassword === undefined ? undefined : secret(sentinelPassword),
    ca: ca === undefined ? undefined : file(ca),
    domain,
  };
}

/** Beside the store unless told. */
const resolveJournals = ({ journals, store }: RawSettings, directory: string): string =>
  journals === undefined
    ? `${absolute(directory, store.slice('sqlite:'.length)).replace(/\.db$/, '')}-journals`
    : absolute(directory, journals);

function resolveEdge(raw: RawSettings['edge'], directory: string, file: (reference: string) => string): Edge {
  return {
    listen: parseHostPort(raw.listen),
    certificate: file(raw.certificate),
    clientCa: raw.clientCa === undefined ? undefined : file(raw.clientCa),
    trustedHops: raw.trustedHops,
    chain: raw.chain,
    bodyMaxBytes: bytes(raw.bodyMax),
    connectionsMax: raw.connectionsMax,
    headersTimeoutMs: ms(raw.timeouts.headers),
    uploadTimeoutMs: ms(raw.timeouts.upload),
    streamIdleMs: ms(raw.timeouts.streamIdle),
    decisionTimeoutMs: ms(raw.timeouts.decision),
    storeTimeoutMs: ms(raw.timeouts.store),
    admin: parseAdmin(raw.admin, directory),
    accessLog: raw.accessLog.startsWith('/dev/') ? raw.accessLog : absolute(directory, raw.accessLog),
    sidecarTls:
      raw.sidecarTls === undefined
        ? undefined
        : { certificate: file(raw.sidecarTls.certificate), ca: file(raw.sidecarTls.ca), serverName: raw.sidecarTls.serverName },
  };
}

function resolveProvider(
  name: string,
  raw: RawSettings['providers'][string],
  file: (reference: string) => string,
  secret: (reference: string) => string,
): Provider {
  const url = new URL(raw.url);
  const tls = url.protocol === 'https:';
  return {
    name,
    api: raw.api,
    tls,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
    authority: url.host,
    basePath: url.pathname.replace(/\/+$/, ''),
    credential: resolveCredential(raw.credential, secret),
    tlsMinimum: raw.tls.minimum,
    tlsCa: raw.tls.ca === undefined ? undefined : file(raw.tls.ca),
    tlsPins: raw.tls.pins,
    connectTimeoutMs: ms(raw.connectTimeout),
    allowPrivate: raw.allowPrivate,
    priceList: raw.prices,
  };
}

const resolveCredential = (
  raw: RawSettings['providers'][string]['credential'],
  secret: (reference: string) => string,
): CredentialPlace | undefined =>
  raw === 'none' ? undefined : { secret: secret(raw.secret), refreshMs: ms(raw.refresh), overlapMs: ms(raw.overlap) };

function resolveGuardrail(
  raw: RawSettings['guardrails'][number],
  file: (reference: string) => string,
  secret: (reference: string) => string,
): Guardrail {
  const { timeout, textMax, credential, ca, threshold, ignore = [], ...plain } = raw;
  return {
    ...plain,
    timeoutMs: ms(timeout),
    textBytesMax: bytes(textMax),
    credential: resolveCredential(credential, secret),
    ca: ca === undefined ? undefined : file(ca),
    model: raw.model,
    language: raw.language,
    entities: raw.entities,
    threshold: typeof threshold === 'object' ? new Map(Object.entries(threshold)) : threshold,
    ignore,
  };
}

function resolveIssuer(raw: RawSettings['identity']['jwt'][number], directory: string): Issuer {
  return {
    issuer: raw.issuer,
    audience: raw.audience,
    jwks: raw.jwks.startsWith('file:') ? `file:${absolute(directory, raw.jwks.slice('file:'.length))}` : raw.jwks,
    algorithms: raw.algorithms,
    types: raw.types,
    requiredScope: raw.require.scope,
    clientClaim: raw.client,
    teamClaim: raw.team,
    tierClaim: raw.tier,
    userClaim: raw.user,
    maxAgeMs: ms(raw.maxAge),
    jwksMaxStaleMs: ms(raw.jwksMaxStale),
    allowPrivate: raw.allowPrivate,
  };
}

export function parseHostPort(text: string): HostPort {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port };
}

function parseAdmin(text: string, directory: string): AdminAddress {
  return text.startsWith('unix:')
    ? { kind: 'unix', path: absolute(directory, text.slice('unix:'.length)) }
    : { kind: 'tcp', ...parseHostPort(text) };
}

const absolute = (directory: string, path: string): string => (isAbsolute(path) ? path : resolve(directory, path));

function ms(text: string): number {
  const value = parseDurationMs(text);
  must(value !== undefined, `the schema let a bad duration through: ${text}`);
  return value;
}

function bytes(text: string): number {
  const value = parseSizeBytes(text);
  must(value !== undefined, `the schema let a bad size through: ${text}`);
  return value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    const members: Iterable<unknown> = value instanceof Map ? value.values() : Object.values(value);
    for (const member of members) {
      deepFreeze(member);
    }
  }
  return value;
}
