import { isIP } from 'node:net';
import { describeEndpoint, isLoopback, isPrivate } from './addresses.ts';
import { error, reporter, warning, type Finding } from './finding.ts';
import type { Inspection } from './inspection.ts';
import type { Cluster } from './model.ts';
import { at, enumOf, isOn, isPresent, items, typeOf, type Place } from './place.ts';
import { TYPE } from './types.ts';

export const UPSTREAM = {
  'upstream-unverified': error(
    'the certificate of the other side is not verified; set validation_context.trusted_ca',
    'Envoy verifies nothing unless it is told to: keys and prompts would go to whoever answers.',
  ),
  'upstream-any-name': error(
    'a certificate for any name is accepted; set match_typed_subject_alt_names',
    'Every certificate of a public authority would do.',
  ),
  'upstream-without-sni': warning(
    'the TLS handshake names no host; set sni',
    'Providers behind a shared edge answer with another certificate, or not at all.',
  ),
  'upstream-tls-minimum': warning(
    'an older TLS version is accepted than the settings say; set tls_minimum_protocol_version',
    'The default of Envoy for its own connections is TLS 1.2.',
  ),
  'key-over-plaintext': error('a provider’s key goes out without TLS; use https', 'Everyone on the way can read it.'),
  'upstream-plaintext': warning(
    'prompts go out without TLS to an address that is not private; use https',
    'Everyone on the way can read them.',
  ),
  'upstream-not-static': error(
    'where this cluster connects to is decided elsewhere; use STATIC, STRICT_DNS or LOGICAL_DNS with endpoints in the file',
    'A request or another system could choose the address that is sent the key.',
  ),
  'tls-keys-logged': error(
    'the secrets of TLS connections are written to a file; remove key_log',
    'Who has the file reads every recorded connection.',
  ),
  'sidecar-plaintext': error(
    'Sallyport is asked over TCP without TLS; use a unix socket, or TLS with a client certificate',
    'Decisions and provider keys would cross the network readable and unauthenticated.',
  ),
} as const;

const find = reporter(UPSTREAM);

const DISCOVERY_TYPES = ['STATIC', 'STRICT_DNS', 'LOGICAL_DNS', 'EDS', 'ORIGINAL_DST'];
const TLS_VERSIONS = ['TLS_AUTO', 'TLSv1_0', 'TLSv1_1', 'TLSv1_2', 'TLSv1_3'];

/** How Envoy connects to providers and to the sidecar. */
export function* judgeUpstream(inspection: Inspection): Generator<Finding> {
  for (const cluster of inspection.providers) {
    yield* judgeProvider(cluster, inspection);
  }
  const { decisionClusters, keyClusters } = inspection;
  for (const cluster of inspection.model.clusters.filter(({ name }) => decisionClusters.has(name) || keyClusters.has(name))) {
    const overNetwork = cluster.endpoints.find(({ kind }) => kind === 'socket');
    if (overNetwork !== undefined && !hasTls(cluster.place)) {
      yield find('sidecar-plaintext', overNetwork.place, describeEndpoint(overNetwork));
    }
    if (hasTls(cluster.place)) {
      yield* judgeVerification(cluster);
    }
  }
}

function* judgeProvider(cluster: Cluster, { settings }: Inspection): Generator<Finding> {
  const own = at(cluster.place, 'cluster_type');
  const discovery = at(cluster.place, 'type');
  const provider = settings?.providers.get(cluster.name);
  if (isPresent(own) || ['EDS', 'ORIGINAL_DST'].includes(enumOf(discovery, DISCOVERY_TYPES) ?? '')) {
    yield find('upstream-not-static', isPresent(own) ? own : discovery);
  } else if (hasTls(cluster.place)) {
    yield* judgeVerification(cluster);
    yield* judgeVersion(cluster, provider?.tlsMinimum ?? '1.2');
  } else {
    yield* judgePlaintext(cluster, provider?.allowPrivate === true);
  }
}

function* judgeVersion({ place }: Cluster, wanted: '1.2' | '1.3'): Generator<Finding> {
  const minimum = at(tlsOf(place), 'common_tls_context', 'tls_params', 'tls_minimum_protocol_version');
  const version = enumOf(minimum, TLS_VERSIONS) ?? '';
  const enough = wanted === '1.3' ? ['TLSv1_3'] : ['TLS_AUTO', 'TLSv1_2', 'TLSv1_3'];
  if (!enough.includes(version)) {
    yield find('upstream-tls-minimum', minimum, version);
  }
}

function* judgePlaintext(cluster: Cluster, saidPrivate: boolean): Generator<Finding> {
  const keyed = cluster.filters.some(({ type }) => type === TYPE.injector);
  for (const endpoint of cluster.endpoints) {
    if (keyed && !isLoopback(endpoint)) {
      yield find('key-over-plaintext', endpoint.place, describeEndpoint(endpoint));
    } else if (!isPrivate(endpoint) && !saidPrivate) {
      yield find('upstream-plaintext', endpoint.place, describeEndpoint(endpoint));
    }
  }
}

/** The TLS settings of a cluster, also where another transport (a proxy’s) is wrapped around them. */
function tlsOf(cluster: Place): Place {
  const context = at(cluster, 'transport_socket', 'typed_config');
  const inner = at(context, 'transport_socket', 'typed_config');
  return { value: typeOf(inner) === TYPE.upstreamTls ? inner.value : context.value, path: `${cluster.path}.transport_socket` };
}

const hasTls = (cluster: Place): boolean => typeOf(tlsOf(cluster)) === TYPE.upstreamTls;

function* judgeVerification({ place, options, endpoints }: Cluster): Generator<Finding> {
  const tls = tlsOf(place);
  const common = at(tls, 'common_tls_context');
  const combined = at(common, 'combined_validation_context', 'default_validation_context');
  const context = isPresent(combined) ? combined : at(common, 'validation_context');
  const matches = at(place, 'transport_socket_matches');
  if (isPresent(matches) || !hasAuthority(common, context)) {
    yield find('upstream-unverified', isPresent(matches) ? matches : context);
    return;
  }
  if (!namesPeer(tls, context, options)) {
    yield find('upstream-any-name', at(context, 'match_typed_subject_alt_names'));
  }
  const byName = endpoints.some((endpoint) => endpoint.kind === 'socket' && isIP(endpoint.host) === 0);
  const namesHost =
    isPresent(at(tls, 'sni')) || isOn(at(tls, 'auto_host_sni')) || isOn(at(options, 'upstream_http_protocol_options', 'auto_sni'));
  if (byName && !namesHost) {
    yield find('upstream-without-sni', at(tls, 'sni'));
  }
}

/** True where a chain to some authority is asked for; Envoy verifies nothing by default. */
function hasAuthority(common: Place, context: Place): boolean {
  const trust = at(context, 'trust_chain_verification').value;
  const sources = [
    ...['trusted_ca', 'system_root_certs', 'ca_certificate_provider_instance'].map((field) => at(context, field)),
    at(common, 'validation_context_sds_secret_config'),
    at(common, 'combined_validation_context', 'validation_context_sds_secret_config'),
  ];
  return sources.some(isPresent) && trust !== 'ACCEPT_UNTRUSTED' && trust !== 1;
}

const namesPeer = (tls: Place, context: Place, options: Place): boolean =>
  ['match_typed_subject_alt_names', 'match_subject_alt_names', 'verify_certificate_spki', 'verify_certificate_hash'].some(
    (field) => items(at(context, field)).length > 0,
  ) ||
  isOn(at(tls, 'auto_sni_san_validation')) ||
  isOn(at(options, 'upstream_http_protocol_options', 'auto_san_validation'));

/** `key_log` of any TLS context, on either side. */
export function* judgeKeyLogs({ model }: Inspection): Generator<Finding> {
  const contexts = [
    ...model.connections.map(({ transportSocket }) => transportSocket),
    ...model.clusters.map(({ place }) => at(place, 'transport_socket')),
  ];
  for (const context of contexts) {
    const log = { ...at(context, 'typed_config', 'common_tls_context', 'key_log'), path: `${context.path}.key_log` };
    if (isPresent(log)) {
      yield find('tls-keys-logged', log);
    }
  }
}
