import { CREDENTIAL_QUERY_PARAMETERS, INTERNAL_HEADER_PREFIX } from '../../core/headers.ts';
import { NO_ADDRESS } from '../listener.ts';
import { isLoopback } from './addresses.ts';
import { removesPrefix } from './cluster-stages.ts';
import { error, reporter, warning, type Finding, type Row } from './finding.ts';
import { checkFilter, decisionFilter, forwarding, type Inspection } from './inspection.ts';
import { endpointOf, type Connection } from './model.ts';
import { at, durationMsOf, enumOf, fields, isOn, isPresent, items, numberOf, textOf, typeOf, type Place } from './place.ts';
import { matchesText } from './string-match.ts';
import { TYPE } from './types.ts';

export const EDGE = {
  'tls-missing': error(
    'clients speak to this listener without TLS; add a DownstreamTlsContext',
    'Keys, tokens and prompts are readable on the way.',
  ),
  'tls-minimum': warning('older TLS than 1.3 is accepted; set tls_minimum_protocol_version TLSv1_3', 'TLS 1.3 always has forward secrecy.'),
  'client-certificate-unverified': error(
    'client certificates are an identity, but are not verified; set validation_context.trusted_ca, without ACCEPT_UNTRUSTED',
    'A certificate that anybody signed would name a caller.',
  ),
  'client-address-forged': error(
    'the client’s address is what the client says; set use_remote_address',
    'Allowed networks and limits by address would rest on a header that the client wrote.',
  ),
  'trusted-hops': error(
    'more proxies are trusted than the settings say; set xff_num_trusted_hops to edge.trustedHops',
    'The client’s address is then taken from a part of x-forwarded-for that the client wrote.',
  ),
  'client-certificate-header': error(
    'x-forwarded-client-cert of the client is passed on; set forward_client_cert_details SANITIZE',
    'Whoever reads this header further on takes it for a verified certificate.',
  ),
  'internal-headers-kept': error(
    `headers that start with ${INTERNAL_HEADER_PREFIX} are taken from clients; remove them in early_header_mutation_extensions`,
    'The route header is one of them: a client could choose its route.',
  ),
  'envoy-headers-kept': warning(
    'headers that start with x-envoy- are taken from clients; remove them in early_header_mutation_extensions',
    'They steer retries and time limits of the router.',
  ),
  'internal-addresses': warning(
    `some networks count as internal; set internal_address_config with ${NO_ADDRESS}/32 as its only cidr_range and without unix_sockets`,
    'Envoy keeps headers of internal clients that it removes from others, x-request-id among them. Without a range all private networks are internal.',
  ),
  'scheme-from-client': warning(
    'the provider is told the scheme that the client claims; set scheme_header_transformation.match_upstream',
    'An HTTP/2 client may claim http for a request that came and goes over TLS.',
  ),
  'query-credentials-pass': warning(
    'a key in a URL is refused only after other filters saw it; put an RBAC filter that denies it in front of all',
    'Filters may write the URL with its query into Envoy’s log; body_size_limit does.',
  ),
  'path-not-normalised': warning('paths are taken as they are; set normalize_path', 'One operation could be asked for by several paths.'),
  'slashes-not-merged': warning('repeated slashes are kept; set merge_slashes', 'One operation could be asked for by several paths.'),
  'escaped-slashes': warning(
    'escaped slashes are kept; set path_with_escaped_slashes_action REJECT_REQUEST',
    'A provider may read %2F as a slash where the gateway did not.',
  ),
  'underscores-allowed': warning(
    'header names with underscores are taken; set headers_with_underscores_action REJECT_REQUEST',
    'Many servers read x_api_key as x-api-key.',
  ),
  'headers-unbounded': warning(
    'requests may have large headers; set max_request_headers_kb to 60 or less',
    'Headers are held in memory for each open request.',
  ),
  'streams-unbounded': warning(
    'a client may open many streams at once; set http2_protocol_options.max_concurrent_streams to 1024 or less',
    'Older releases have no limit of their own; each stream is a request of the sidecar’s cluster.',
  ),
  'headers-timeout-missing': warning(
    'headers may trickle in for ever; set request_headers_timeout',
    'Slow clients hold connections for nothing.',
  ),
  'request-timeout-missing': warning('an upload may take for ever; set request_timeout', 'It covers the upload only, not the answer.'),
  'stream-idle-missing': warning(
    'silence on a stream is not bounded as the settings say; set stream_idle_timeout',
    'The default of 5 minutes cuts models that think longer; 0s keeps dead streams.',
  ),
  'chunked-length-allowed': error(
    'requests with both content-length and transfer-encoding are taken; remove allow_chunked_length',
    'The other end may read the other of the two: request smuggling.',
  ),
  'local-replies-plain': warning(
    'Envoy’s own refusals are plain text; set local_reply_config',
    'SDKs expect errors in their API’s shape, and the 401 and 403 of a cluster’s stages would blame the client for a missing provider key.',
  ),
} as const satisfies Readonly<Record<string, Row>>;

const find = reporter(EDGE);

const headersKbMax = 60;
const streamsMax = 1_024;

/** The front door: TLS, addresses, headers, paths, times. */
export function* judgeEdge(inspection: Inspection): Generator<Finding> {
  for (const connection of forwarding(inspection)) {
    yield* judgeTls(connection, inspection);
    yield* judgeIdentityHeaders(connection.hcm, inspection);
    yield* judgeRemovedHeaders(connection.hcm);
    yield* judgePaths(connection.hcm);
    yield* judgeQuery(connection);
    yield* judgeTimes(connection.hcm);
    yield* judgeSizes(connection.hcm);
  }
}

function* judgeTls({ transportSocket, listener }: Connection, { settings }: Inspection): Generator<Finding> {
  const context = { ...at(transportSocket, 'typed_config'), path: transportSocket.path };
  if (typeOf(context) !== TYPE.downstreamTls) {
    const inside = endpointOf(at(listener, 'address')).some(isLoopback);
    if (!inside) {
      yield find('tls-missing', transportSocket);
    }
    return;
  }
  const common = at(context, 'common_tls_context');
  const minimum = at(common, 'tls_params', 'tls_minimum_protocol_version');
  if (minimum.value !== 'TLSv1_3' && minimum.value !== 4) {
    yield find('tls-minimum', minimum);
  }
  const validation = at(common, 'validation_context');
  const verifies = ['validation_context', 'combined_validation_context', 'validation_context_sds_secret_config'].some((field) =>
    isPresent(at(common, field)),
  );
  const trust = at(validation, 'trust_chain_verification').value;
  if (trust === 'ACCEPT_UNTRUSTED' || trust === 1 || (settings?.edge.clientCa !== undefined && !verifies)) {
    yield find('client-certificate-unverified', validation);
  }
}

function* judgeIdentityHeaders(hcm: Place, { settings }: Inspection): Generator<Finding> {
  if (!isOn(at(hcm, 'use_remote_address'))) {
    yield find('client-address-forged', at(hcm, 'use_remote_address'));
  }
  const hops = numberOf(at(hcm, 'xff_num_trusted_hops')) ?? 0;
  if (settings !== undefined && hops > settings.edge.trustedHops) {
    yield find('trusted-hops', at(hcm, 'xff_num_trusted_hops'), `${String(hops)}, settings ${String(settings.edge.trustedHops)}`);
  }
  const forward = enumOf(at(hcm, 'forward_client_cert_details'), [
    'SANITIZE',
    'FORWARD_ONLY',
    'APPEND_FORWARD',
    'SANITIZE_SET',
    'ALWAYS_FORWARD_ONLY',
  ]);
  if ((forward !== 'SANITIZE' && forward !== 'SANITIZE_SET') || isPresent(at(hcm, 'forward_client_cert_matcher'))) {
    yield find('client-certificate-header', at(hcm, 'forward_client_cert_details'), forward);
  }
  const internal = at(hcm, 'internal_address_config');
  const ranges = items(at(internal, 'cidr_ranges'));
  const nobody =
    ranges.length > 0 &&
    ranges.every((range) => at(range, 'address_prefix').value === NO_ADDRESS && numberOf(at(range, 'prefix_len')) === 32);
  if (!nobody || isOn(at(internal, 'unix_sockets'))) {
    yield find('internal-addresses', internal);
  }
}

function* judgeRemovedHeaders(hcm: Place): Generator<Finding> {
  const early = at(hcm, 'early_header_mutation_extensions');
  const mutations = items(early)
    .map((each) => at(each, 'typed_config'))
    .filter((config) => typeOf(config) === TYPE.earlyHeaderMutation)
    .flatMap((config) => items(at(config, 'mutations')));
  for (const [prefix, id] of [[INTERNAL_HEADER_PREFIX, 'internal-headers-kept'] as const, ['x-envoy-', 'envoy-headers-kept'] as const]) {
    if (!removesPrefix(mutations, prefix)) {
      yield find(id, early);
    }
  }
}

function* judgePaths(hcm: Place): Generator<Finding> {
  if (!isOn(at(hcm, 'normalize_path'))) {
    yield find('path-not-normalised', at(hcm, 'normalize_path'));
  }
  if (!isOn(at(hcm, 'merge_slashes'))) {
    yield find('slashes-not-merged', at(hcm, 'merge_slashes'));
  }
  const slashes = at(hcm, 'path_with_escaped_slashes_action');
  if (enumOf(slashes, ['DEFAULT', 'KEEP_UNCHANGED', 'REJECT_REQUEST']) !== 'REJECT_REQUEST') {
    yield find('escaped-slashes', slashes);
  }
  if (!isOn(at(hcm, 'scheme_header_transformation', 'match_upstream'))) {
    yield find('scheme-from-client', at(hcm, 'scheme_header_transformation'));
  }
  const underscores = at(hcm, 'common_http_protocol_options', 'headers_with_underscores_action');
  if (enumOf(underscores, ['ALLOW', 'REJECT_REQUEST']) !== 'REJECT_REQUEST') {
    yield find('underscores-allowed', underscores);
  }
}

/** A filter before all stages must refuse every parameter by which SDKs send keys. */
function* judgeQuery(connection: Connection): Generator<Finding> {
  const { filters, hcm } = connection;
  const stages = [filters.find(({ type }) => type === TYPE.bodyLimit), checkFilter(connection), decisionFilter(connection)];
  const first = filters.findIndex((filter) => stages.includes(filter));
  const matchers = filters
    .slice(0, Math.max(0, first))
    .filter(({ type }) => type === TYPE.rbac)
    .map(({ config }) => at(config, 'rules'))
    .filter((rules) => ['DENY', 1].some((action) => at(rules, 'action').value === action))
    .flatMap((rules) => fields(at(rules, 'policies')))
    .filter(([, policy]) => items(at(policy, 'principals')).some((principal) => isOn(at(principal, 'any'))))
    .flatMap(([, policy]) => items(at(policy, 'permissions')).map((permission) => at(permission, 'header')))
    .filter((header) => textOf(at(header, 'name')) === ':path');
  const passing = CREDENTIAL_QUERY_PARAMETERS.filter(
    (name) => !matchers.some((header) => matchesText(at(header, 'string_match'), `/v1/x?a=b&${name}=c`) === true),
  );
  if (passing.length > 0) {
    yield find('query-credentials-pass', at(hcm, 'http_filters'), passing.join(', '));
  }
}

function* judgeTimes(hcm: Place): Generator<Finding> {
  const bounds = [
    ['request_headers_timeout', 'headers-timeout-missing'],
    ['request_timeout', 'request-timeout-missing'],
    ['stream_idle_timeout', 'stream-idle-missing'],
  ] as const;
  for (const [field, id] of bounds) {
    if ((durationMsOf(at(hcm, field)) ?? 0) === 0) {
      yield find(id, at(hcm, field));
    }
  }
}

function* judgeSizes(hcm: Place): Generator<Finding> {
  const size = at(hcm, 'max_request_headers_kb');
  if ((numberOf(size) ?? Infinity) > headersKbMax) {
    yield find('headers-unbounded', size);
  }
  const streams = at(hcm, 'http2_protocol_options', 'max_concurrent_streams');
  if ((numberOf(streams) ?? Infinity) > streamsMax) {
    yield find('streams-unbounded', streams);
  }
  const chunked = at(hcm, 'http_protocol_options', 'allow_chunked_length');
  if (isOn(chunked)) {
    yield find('chunked-length-allowed', chunked);
  }
  const replies = at(hcm, 'local_reply_config');
  if (items(at(replies, 'mappers')).length === 0) {
    yield find('local-replies-plain', replies);
  }
}
