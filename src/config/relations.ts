import { parseNetwork } from '../core/address.ts';
import { guardUrl } from '../core/guard-url.ts';
import { parseSecretReference } from '../core/secret-reference.ts';
import { checkPatterns } from './detection-schema.ts';
import { checkGuardRelations } from './guard-relations.ts';
import { checkLimitRelations } from './limit-relations.ts';
import { checkMaskingRelations } from './masking-schema.ts';
import { checkPriceRelations } from './prices-schema.ts';
import type { RawSettings } from './schema.ts';
import { didYouMean } from './suggest.ts';
import { checkUnusedDetection } from './unused-detection.ts';
import type { Report } from './report.ts';

/** What no single field can tell: every name that is used is declared, every URL is one that keys may be sent to. */
export function checkRelations(raw: RawSettings, report: Report): void {
  checkProviders(raw, report);
  checkModels(raw, report);
  checkPolicies(raw, report);
  checkAssignments(raw, report);
  checkListeners(raw, report);
  checkNetworks(raw, report);
  checkIssuers(raw, report);
  checkSecretEndpoints(raw, report);
  checkCertificates(raw, report);
  checkLimitRelations(raw, report);
  checkPriceRelations(raw, report);
  checkMaskingRelations(raw, report);
  checkPatterns(raw.patterns, report);
  checkUnusedDetection(raw, report);
  checkGuards(raw, report);
}

function checkProviders(raw: RawSettings, report: Report): void {
  for (const [name, provider] of Object.entries(raw.providers)) {
    if (name === 'sallyport' || name === 'sallyport-sds') {
      report(['providers', name], 'this name belongs to the sidecar’s own clusters; choose another');
    }
    checkUrl(provider.url, provider.allowPrivate, ['providers', name, 'url'], report);
    if (provider.url.includes('?')) {
      report(['providers', name, 'url'], 'remove the query ("?..."): a provider is a base URL');
    }
    if (provider.credential !== 'none') {
      checkSecretStore(raw, provider.credential.secret, ['providers', name, 'credential', 'secret'], report);
    }
  }
  checkSecretStore(raw, raw.identity.virtualKeys.pepper, ['identity', 'virtualKeys', 'pepper'], report);
}

/** Keys are sent to providers and tokens are believed because of key sets: neither address may be one that nobody meant. */
function checkUrl(url: string, allowPrivate: boolean, path: readonly (string | number)[], report: Report): void {
  const guarded = guardUrl(url, { allowLoopback: allowPrivate, allowPrivate });
  if (guarded.kind === 'refused') {
    report(path, guarded.reason);
  }
}

/** A VPC endpoint or an emulator may be private; plain http across the internet, or a metadata address, is never meant. */
function checkSecretEndpoints(raw: RawSettings, report: Report): void {
  for (const [name, store] of Object.entries(raw.secrets)) {
    if (store.endpoint !== undefined) {
      checkUrl(store.endpoint, true, ['secrets', name, 'endpoint'], report);
    }
  }
}

function checkIssuers(raw: RawSettings, report: Report): void {
  const seen = new Set<string>();
  for (const [index, issuer] of raw.identity.jwt.entries()) {
    if (seen.has(issuer.issuer)) {
      report(['identity', 'jwt', index, 'issuer'], 'this issuer is declared twice; a token must have one reading');
    }
    seen.add(issuer.issuer);
    if (!issuer.jwks.startsWith('file:')) {
      checkUrl(issuer.jwks, issuer.allowPrivate, ['identity', 'jwt', index, 'jwks'], report);
    }
  }
}

/** Envoy asks for no certificate, and verifies none, unless it knows by which authority. */
function checkCertificates(raw: RawSettings, report: Report): void {
  if (raw.identity.mtls !== undefined && raw.edge.clientCa === undefined) {
    report(['identity', 'mtls'], 'no certificate is ever verified without edge.clientCa; set it to the authority of the clients');
  }
}

function checkNetworks(raw: RawSettings, report: Report): void {
  const sections: readonly (readonly [string, Readonly<Record<string, { readonly networks?: readonly string[] | undefined }>>])[] = [
    ['policies', raw.policies],
    ['teams', raw.teams],
    ['clients', raw.clients],
  ];
  for (const [kind, entries] of sections) {
    for (const [name, entry] of Object.entries(entries)) {
      for (const [index, network] of (entry.networks ?? []).entries()) {
        if (parseNetwork(network) === undefined) {
          report([kind, name, 'networks', index], `"${network}" is no network; use CIDR form such as 10.0.0.0/8 or 2001:db8::/32`);
        }
      }
    }
  }
}

/** The texts of exchanges are sent to guards, and their word decides: as with providers, no address may be one that nobody meant. */
function checkGuards(raw: RawSettings, report: Report): void {
  for (const [index, { url, allowPrivate, credential }] of raw.guardrails.entries()) {
    checkUrl(url, allowPrivate, ['guardrails', index, 'url'], report);
    if (credential !== 'none') {
      checkSecretStore(raw, credential.secret, ['guardrails', index, 'credential', 'secret'], report);
    }
  }
  checkGuardRelations(raw, report);
}

function checkSecretStore(raw: RawSettings, reference: string, path: readonly (string | number)[], report: Report): void {
  const store = reference.slice(0, reference.indexOf(':'));
  // A relative file is resolved before it is used; what is left must be readable as a reference.
  if (parseSecretReference(reference.replace(/^file:(?![/.])/, 'file:./')) === undefined) {
    report(path, 'no secret reference; use file:/path, file:./path or store:path#field');
    return;
  }
  if (store !== 'file' && !Object.hasOwn(raw.secrets, store)) {
    report(
      path,
      `unknown secret store "${store}"${didYouMean(store, ['file', ...Object.keys(raw.secrets)])}; declare it under "secrets:", or name a file (file:/path)`,
    );
  }
}

function checkModels(raw: RawSettings, report: Report): void {
  for (const [name, model] of Object.entries(raw.models)) {
    if (model.approval === 'required' && raw.listen.admin === undefined) {
      report(['models', name, 'approval'], 'approvals are asked for and granted through the admin API: set listen.admin, too');
    }
    for (const [index, target] of model.targets.entries()) {
      if (!Object.hasOwn(raw.providers, target.provider)) {
        report(
          ['models', name, 'targets', index, 'provider'],
          `unknown provider "${target.provider}"${didYouMean(target.provider, Object.keys(raw.providers))}`,
        );
      }
    }
  }
}

function checkPolicies(raw: RawSettings, report: Report): void {
  const models = Object.keys(raw.models);
  for (const [name, policy] of Object.entries(raw.policies)) {
    for (const [index, pattern] of policy.models.entries()) {
      const matches = pattern.endsWith('*') ? models.some((model) => model.startsWith(pattern.slice(0, -1))) : models.includes(pattern);
      if (!matches) {
        report(['policies', name, 'models', index], `"${pattern}" matches no declared model${didYouMean(pattern, models)}`);
      }
    }
    for (const [index, provider] of (policy.providers ?? []).entries()) {
      if (!Object.hasOwn(raw.providers, provider)) {
        report(['policies', name, 'providers', index], `unknown provider "${provider}"${didYouMean(provider, Object.keys(raw.providers))}`);
      }
    }
  }
}

function checkAssignments(raw: RawSettings, report: Report): void {
  const owners = new Map<string, string>();
  for (const kind of ['teams', 'clients', 'tiers'] as const) {
    for (const [name, entry] of Object.entries(raw[kind])) {
      if (!Object.hasOwn(raw.policies, entry.policy)) {
        report([kind, name, 'policy'], `unknown policy "${entry.policy}"${didYouMean(entry.policy, Object.keys(raw.policies))}`);
      }
    }
  }
  for (const [team, entry] of Object.entries(raw.teams)) {
    for (const [index, client] of (entry.clients ?? []).entries()) {
      const owner = owners.get(client);
      if (owner !== undefined) {
        report(['teams', team, 'clients', index], `client "${client}" already belongs to team "${owner}"; a client has one team`);
      }
      owners.set(client, team);
    }
  }
}

function checkListeners(raw: RawSettings, report: Report): void {
  const grpc = Array.isArray(raw.listen.grpc) ? raw.listen.grpc : [raw.listen.grpc];
  const sds = Array.isArray(raw.listen.sds) ? raw.listen.sds : [raw.listen.sds];
  if (grpc.length !== sds.length) {
    report(
      ['listen', 'sds'],
      `there are ${String(sds.length)} sds listeners but ${String(grpc.length)} grpc listeners; give each process one of both`,
    );
  }
  const health = Array.isArray(raw.listen.health) ? raw.listen.health.length : 1;
  if (grpc.length !== health) {
    report(
      ['listen', 'health'],
      `there are ${String(health)} health listeners but ${String(grpc.length)} grpc listeners; give each process one of both`,
    );
  }
  const admin = [raw.listen.admin ?? []].flat();
  checkAdmin(admin.length, grpc.length, report);
  const seen = new Set<string>();
  for (const listener of [...grpc, ...sds, ...admin]) {
    const address = typeof listener === 'string' ? listener : listener.address;
    if (seen.has(address)) {
      report(
        ['listen'],
        `"${address}" is used twice; decisions, keys and the admin API need sockets of their own, and so does each process`,
      );
    }
    seen.add(address);
    if (typeof listener !== 'string' && raw.edge.sidecarTls === undefined) {
      report(['edge', 'sidecarTls'], 'needed because a listener uses TCP: Envoy must present a client certificate there');
    }
  }
}

function checkAdmin(admin: number, grpc: number, report: Report): void {
  if (admin !== 0 && admin !== grpc) {
    report(
      ['listen', 'admin'],
      `there are ${String(admin)} admin listeners but ${String(grpc)} grpc listeners; give each process one of both`,
    );
  }
}
