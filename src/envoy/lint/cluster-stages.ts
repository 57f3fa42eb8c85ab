import {
  CLIENT_HIDDEN_HEADERS,
  CLIENT_HIDDEN_PREFIXES,
  CREDENTIAL_HEADERS,
  METADATA,
  PROVIDER_HIDDEN_HEADERS,
  PROVIDER_HIDDEN_PREFIXES,
  STAGE_METADATA,
} from '../../core/headers.ts';
import { keyName } from '../../core/key-name.ts';
import { providerFingerprint } from '../../config/fingerprint.ts';
import type { Provider } from '../../config/settings.ts';
import { isOwnScript } from './attempts.ts';
import { error, reporter, warning, type Finding } from './finding.ts';
import { keyClusterOf, keySource, stageMetadata, type Inspection } from './inspection.ts';
import type { Cluster, Filter } from './model.ts';
import { at, fields, isOn, isPresent, items, textOf, typeOf, type Place } from './place.ts';
import { skipsFirstAttemptOnly } from './skip.ts';
import { matchesText } from './string-match.ts';
import { TYPE } from './types.ts';

export const CLUSTER_STAGES = {
  'gate-missing': error(
    'a provider’s cluster has no gate; add the RBAC filter on sallyport.allow as its first filter',
    'The gate is what keeps the provider’s key from a request that nobody decided: by a new route, a filter switched off, a stream closed early.',
  ),
  'gate-weak': error(
    'the gate of a cluster lets more pass than the decision allows; let its only principals be sallyport.allow with this cluster’s name',
    'Any other rule, a second principal or shadow_rules alone let an undecided request through.',
  ),
  'gate-wrong-cluster': error(
    'the gate asks for the leave of another cluster; name the cluster that it stands in',
    'A request that was allowed there would be given the key of here.',
  ),
  'gate-late': error(
    'the gate stands behind a stage that it guards; make it the first filter of the cluster',
    'Behind the injector the key is in the request before the gate is asked.',
  ),
  'rewrite-missing': error(
    'a provider’s cluster has no rewrite stage; add the ext_proc filter of stage rewrite',
    'As second target it would get path, host and content-length of the first: the connection desynchronises, and the next caller’s bytes are read as body.',
  ),
  'rewrite-condition': error(
    'the rewrite stage is skipped when it is needed; skip it for x-envoy-attempt-count 1 alone',
    'From attempt 2 on every request must be fitted to its target.',
  ),
  'rewrite-wrong-target': error(
    'the rewrite stage names another cluster as its target; set x-sallyport-target to this cluster’s name',
    'The request would be fitted to a provider that does not get it.',
  ),
  'rewrite-late': warning(
    'the rewrite stage stands behind the injector; put it before',
    'The provider’s key is then in the headers while Sallyport edits them.',
  ),
  'key-optional': error(
    'requests go on without the key; remove allow_request_without_credential',
    'A request with whatever credential it carries would reach the provider.',
  ),
  'key-not-overwritten': error(
    'a credential that the request brings is kept; set overwrite on the injector',
    'The client’s credential, or the key of a failed attempt at another provider, would go out.',
  ),
  'key-of-other-provider': error(
    'the injected secret is not named for this cluster as it is; render the configuration anew',
    'Secrets are named for providers and what their clusters are made from: one provider would be sent the key of another, or this one none.',
  ),
  'key-source': warning(
    'the key does not come from Sallyport; take it by SDS from the key cluster',
    'Rotation, revocation and the record of key use do not reach a key from elsewhere.',
  ),
  'cluster-filter-unknown': error(
    'another filter in a provider’s cluster sees prompts and the provider’s key; remove it',
    'Filters of a cluster share one header map with the injector, on every attempt.',
  ),
  'credentials-not-stripped': error(
    'a provider can be sent a credential that is not its own; remove these headers in the cluster’s header_mutation',
    'A failed attempt leaves its key in the header map of the next, and a client can send any of these headers.',
  ),
  'client-data-not-stripped': warning(
    'a provider is told about the client; remove these headers in the cluster’s header_mutation',
    'They name the client, its network or internal facts, or let it choose the account that is billed.',
  ),
  'provider-data-not-stripped': warning(
    'a client is told about the provider’s account, or led elsewhere; remove these headers from the answer',
    'Sessions, account names and account limits are not the client’s. One that follows a provider’s redirect brings its key and prompt along.',
  ),
} as const;

const find = reporter(CLUSTER_STAGES);

/** The filters of every cluster that a request may be sent to: gate, rewrite, key, strip. */
export function* judgeClusterStages({ providers, settings }: Inspection): Generator<Finding> {
  for (const cluster of providers) {
    const list = at(cluster.options, 'http_filters');
    const gates = cluster.filters.filter(({ type }) => type === TYPE.rbac);
    const rewrite = cluster.filters.find(({ type }) => type === TYPE.proc);
    const injector = cluster.filters.find(({ type }) => type === TYPE.injector);
    yield* judgeGates(cluster, gates, [rewrite, injector]);
    if (rewrite === undefined) {
      yield find('rewrite-missing', list);
    } else {
      yield* judgeRewrite(cluster, rewrite, injector);
    }
    if (injector !== undefined) {
      yield* judgeInjector(cluster, injector.config, settings?.providers.get(cluster.name));
    }
    for (const filter of cluster.filters.filter((each) => !KNOWN.has(each.type) && !isOwnScript(each))) {
      yield find('cluster-filter-unknown', filter.config);
    }
    yield* judgeStrip(cluster, injector);
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  TYPE.rbac,
  TYPE.proc,
  TYPE.injector,
  TYPE.headerMutation,
  TYPE.upstreamCodec,
  'envoy.extensions.filters.http.admission_control.v3.AdmissionControl',
]);

function* judgeGates(cluster: Cluster, gates: readonly Filter[], guarded: readonly (Filter | undefined)[]): Generator<Finding> {
  const judged = gates.map((gate) => ({ gate, names: gateNames(gate.config) }));
  const good = judged.find(({ names }) => names !== undefined && names.every((name) => name === cluster.name));
  const first = judged[0];
  if (first === undefined) {
    yield find('gate-missing', at(cluster.options, 'http_filters'));
  } else if (good === undefined) {
    const wrong = judged.find(({ names }) => names !== undefined);
    yield wrong === undefined
      ? find('gate-weak', first.gate.config)
      : find('gate-wrong-cluster', wrong.gate.config, `names ${(wrong.names ?? []).join(', ')}`);
  } else {
    const position = cluster.filters.indexOf(good.gate);
    if (guarded.some((stage) => stage !== undefined && cluster.filters.indexOf(stage) < position)) {
      yield find('gate-late', good.gate.config);
    }
  }
}

/** The clusters that a gate lets through by the decision alone; undefined where anything else may open it. */
function gateNames(config: Place): readonly string[] | undefined {
  const rules = at(config, 'rules');
  const action = at(rules, 'action').value;
  const principals = fields(at(rules, 'policies')).flatMap(([, policy]) => items(at(policy, 'principals')));
  const names = principals.map(allowedName);
  const enforced = isPresent(rules) && (action === undefined || action === 'ALLOW' || action === 0) && !isPresent(at(config, 'matcher'));
  return enforced && names.length > 0 && names.every((name) => name !== undefined) ? names : undefined;
}

function allowedName(principal: Place): string | undefined {
  const source = at(principal, 'sourced_metadata', 'metadata_source').value;
  const older = at(principal, 'metadata');
  const matcher = isPresent(older) ? older : at(principal, 'sourced_metadata', 'metadata_matcher');
  const path = items(at(matcher, 'path')).map((each) => textOf(at(each, 'key')));
  const decided =
    (source === undefined || source === 'DYNAMIC' || source === 0) &&
    textOf(at(matcher, 'filter')) === METADATA.decision &&
    path.length === 1 &&
    path[0] === 'allow' &&
    !isOn(at(matcher, 'invert'));
  return decided ? textOf(at(matcher, 'value', 'list_match', 'one_of', 'string_match', 'exact')) : undefined;
}

function* judgeRewrite(cluster: Cluster, rewrite: Filter, injector: Filter | undefined): Generator<Finding> {
  if (rewrite.matcher !== undefined && !skipsFirstAttemptOnly(at(rewrite.matcher, 'xds_matcher'))) {
    yield find('rewrite-condition', at(rewrite.matcher, 'xds_matcher'));
  }
  const target = stageMetadata(rewrite.config, STAGE_METADATA.target);
  if (textOf(target) !== cluster.name) {
    yield find('rewrite-wrong-target', target);
  }
  if (injector !== undefined && cluster.filters.indexOf(injector) < cluster.filters.indexOf(rewrite)) {
    yield find('rewrite-late', rewrite.config);
  }
}

function* judgeInjector(cluster: Cluster, config: Place, provider: Provider | undefined): Generator<Finding> {
  if (isOn(at(config, 'allow_request_without_credential'))) {
    yield find('key-optional', at(config, 'allow_request_without_credential'));
  }
  if (!isOn(at(config, 'overwrite'))) {
    yield find('key-not-overwritten', at(config, 'overwrite'));
  }
  const credential = at(config, 'credential', 'typed_config');
  const secret = at(credential, 'credential', 'name');
  if (typeOf(credential) !== TYPE.genericCredential || keyClusterOf(config) === undefined) {
    yield find('key-source', keySource(config));
  } else if (!isKeyOf(cluster, textOf(secret) ?? '', provider)) {
    yield find('key-of-other-provider', secret, `"${textOf(secret) ?? ''}"`);
  }
}

/** Without the settings it cannot be told what the cluster should have been made from. */
const isKeyOf = ({ name }: Cluster, secret: string, provider: Provider | undefined): boolean =>
  provider === undefined ? secret.startsWith(keyName(name, '')) : secret === keyName(name, providerFingerprint(provider));

function* judgeStrip(cluster: Cluster, injector: Filter | undefined): Generator<Finding> {
  const mutations = cluster.filters.filter(({ type }) => type === TYPE.headerMutation).map(({ config }) => at(config, 'mutations'));
  const where = mutations[0] ?? at(cluster.options, 'http_filters');
  const requests = mutations.flatMap((each) => items(at(each, 'request_mutations')));
  const responses = mutations.flatMap((each) => items(at(each, 'response_mutations')));
  const injected = injector === undefined ? undefined : injectedHeader(injector.config);
  const credentials = CREDENTIAL_HEADERS.filter((name) => name !== injected && !removes(requests, name));
  if (credentials.length > 0) {
    yield find('credentials-not-stripped', at(where, 'request_mutations'), credentials.join(', '));
  }
  const client = [
    ...PROVIDER_HIDDEN_HEADERS.filter((name) => !removes(requests, name)),
    ...PROVIDER_HIDDEN_PREFIXES.filter((name) => !removesPrefix(requests, name)),
  ];
  if (client.length > 0) {
    yield find('client-data-not-stripped', at(where, 'request_mutations'), client.join(', '));
  }
  const provider = [
    ...CLIENT_HIDDEN_HEADERS.filter((name) => !removes(responses, name)),
    ...CLIENT_HIDDEN_PREFIXES.filter((name) => !removesPrefix(responses, name)),
  ];
  if (provider.length > 0) {
    yield find('provider-data-not-stripped', at(where, 'response_mutations'), provider.join(', '));
  }
}

const injectedHeader = (config: Place): string =>
  (textOf(at(config, 'credential', 'typed_config', 'header')) ?? 'authorization').toLowerCase();

const removes = (mutations: readonly Place[], header: string): boolean =>
  mutations.some(
    (each) =>
      textOf(at(each, 'remove'))?.toLowerCase() === header || matchesText(at(each, 'remove_on_match', 'key_matcher'), header) === true,
  );

/** True where every header with this prefix is removed. */
export const removesPrefix = (mutations: readonly Place[], prefix: string): boolean =>
  mutations.some((each) => {
    const removed = textOf(at(each, 'remove_on_match', 'key_matcher', 'prefix'))?.toLowerCase();
    return removed !== undefined && prefix.startsWith(removed);
  });
