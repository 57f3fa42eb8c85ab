import type { RawSettings } from './schema.ts';
import { suggest } from './suggest.ts';

type Report = (path: readonly (string | number)[], message: string) => void;

/** What no single field can tell: every name that is used is declared, every URL is one that keys may be sent to. */
export function checkRelations(raw: RawSettings, report: Report): void {
  checkProviders(raw, report);
  checkModels(raw, report);
  checkPolicies(raw, report);
  checkAssignments(raw, report);
  checkListeners(raw, report);
}

function checkProviders(raw: RawSettings, report: Report): void {
  for (const [name, provider] of Object.entries(raw.providers)) {
    if (name === 'sallyport' || name === 'sallyport-sds') {
      report(['providers', name], 'this name belongs to the sidecar’s own clusters; choose another');
    }
    if (provider.credential !== 'none') {
      checkSecretStore(raw, provider.credential.secret, ['providers', name, 'credential', 'secret'], report);
    }
  }
  checkSecretStore(raw, raw.identity.virtualKeys.pepper, ['identity', 'virtualKeys', 'pepper'], report);
}

function checkSecretStore(raw: RawSettings, reference: string, path: readonly string[], report: Report): void {
  const store = reference.slice(0, reference.indexOf(':'));
  if (store !== 'file' && !Object.hasOwn(raw.secrets, store)) {
    report(path, `unknown secret store "${store}"${didYouMean(store, ['file', ...Object.keys(raw.secrets)])}; declare it under "secrets:"`);
  }
}

function checkModels(raw: RawSettings, report: Report): void {
  for (const [name, model] of Object.entries(raw.models)) {
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
  const seen = new Set<string>();
  for (const listener of [...grpc, ...sds]) {
    const address = typeof listener === 'string' ? listener : listener.address;
    if (seen.has(address)) {
      report(['listen'], `"${address}" is used twice; decisions and keys need sockets of their own, and so does each process`);
    }
    seen.add(address);
    if (typeof listener !== 'string' && raw.edge.sidecarTls === undefined) {
      report(['edge', 'sidecarTls'], 'needed because a listener uses TCP: Envoy must present a client certificate there');
    }
  }
}

const didYouMean = (text: string, candidates: readonly string[]): string => {
  const nearest = suggest(text, candidates);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
};
