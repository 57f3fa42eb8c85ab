import { INTERNAL_HEADER_PREFIX } from '../core/headers.ts';
import { exchangeBufferBytes } from '../config/buffers.ts';
import type { Edge, Settings } from '../config/settings.ts';
import { credentialQueryFilter } from './credential-query.ts';
import { seconds, typed, type JsonObject } from './json.ts';
import { EXCHANGE_ID } from './exchange-id.ts';
import { localReplyConfig } from './local-replies.ts';
import { routeConfig } from './routes.ts';
import { authzFilter, procFilter } from './sidecar-filters.ts';

/** The limited broadcast address (RFC 919): never a source. */
export const NO_ADDRESS = '255.255.255.255';

/** Name of the one listener; the overload manager and the port look-up of tests use it. */
export const EDGE_LISTENER = 'edge';

/** The smallest window that HTTP/2 lets a peer announce at the start (RFC 9113 section 6.9.2). */
const http2WindowBytesMin = 65_535;

/** The hardened front door (envoy.md §3.2): TLS 1.3, limits on everything, paths normalised, internal headers removed. */
export function edgeListener(settings: Settings): JsonObject {
  const { edge } = settings;
  return {
    name: EDGE_LISTENER,
    address: { socket_address: { address: edge.listen.host, port_value: edge.listen.port } },
    per_connection_buffer_limit_bytes: exchangeBufferBytes(settings),
    filter_chains: [
      {
        transport_socket: downstreamTls(edge),
        transport_socket_connect_timeout: seconds(edge.headersTimeoutMs),
        filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: connectionManager(settings) }],
      },
    ],
  };
}

function downstreamTls(edge: Edge): JsonObject {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typed('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
      common_tls_context: {
        alpn_protocols: ['h2', 'http/1.1'],
        tls_params: { tls_minimum_protocol_version: 'TLSv1_3', tls_maximum_protocol_version: 'TLSv1_3' },
        tls_certificates: [{ certificate_chain: { filename: edge.certificate }, private_key: { filename: edge.certificate } }],
        // A client without a certificate may still come with a key or a token; one with a certificate must have a good one.
        ...(edge.clientCa === undefined ? {} : { validation_context: { trusted_ca: { filename: edge.clientCa } } }),
      },
    }),
  };
}

function connectionManager(settings: Settings): JsonObject {
  const { edge } = settings;
  return typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: EDGE_LISTENER,
    use_remote_address: true,
    xff_num_trusted_hops: edge.trustedHops,
    // No network counts as internal. An empty list would not say so: Envoy then takes every private network, loopback too, for
    // internal, and keeps x-request-id and x-envoy-* headers of clients there. Nobody comes from the broadcast address.
    internal_address_config: { cidr_ranges: [{ address_prefix: NO_ADDRESS, prefix_len: 32 }] },
    // An HTTP/2 client's word for the scheme would go on to the provider.
    scheme_header_transformation: { match_upstream: true },
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: 'REJECT_REQUEST',
    common_http_protocol_options: {
      headers_with_underscores_action: 'REJECT_REQUEST',
      idle_timeout: '300s',
      max_headers_count: 64,
    },
    http2_protocol_options: {
      max_concurrent_streams: 100,
      initial_stream_window_size: Math.max(exchangeBufferBytes(settings), http2WindowBytesMin),
      initial_connection_window_size: 1_048_576,
    },
    max_request_headers_kb: 32,
    request_headers_timeout: seconds(edge.headersTimeoutMs),
    // Covers the upload only; answers may take as long as the provider keeps talking.
    request_timeout: seconds(edge.uploadTimeoutMs),
    stream_idle_timeout: seconds(edge.streamIdleMs),
    server_header_transformation: 'OVERWRITE',
    server_name: 'sallyport',
    forward_client_cert_details: 'SANITIZE',
    early_header_mutation_extensions: [removeInternalHeaders],
    access_log: [accessLog(edge)],
    local_reply_config: localReplyConfig(edge),
    http_filters: [
      credentialQueryFilter,
      {
        // Answers 413 at once; a BUFFERED body far over the buffer limit would hang instead.
        name: 'envoy.filters.http.body_size_limit',
        typed_config: typed('envoy.extensions.filters.http.body_size_limit.v3.BodySizeLimit', { max_request_bytes: edge.bodyMaxBytes }),
      },
      ...(edge.chain === 'authz+proc' ? [authzFilter(settings)] : []),
      procFilter(settings),
      {
        name: 'envoy.filters.http.router',
        typed_config: typed('envoy.extensions.filters.http.router.v3.Router', { suppress_envoy_headers: true }),
      },
    ],
    route_config: routeConfig(settings),
  });
}

const removeInternalHeaders: JsonObject = {
  name: 'envoy.http.early_header_mutation.header_mutation',
  typed_config: typed('envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation', {
    mutations: [
      { remove_on_match: { key_matcher: { prefix: INTERNAL_HEADER_PREFIX } } },
      // Retry and timeout headers are the decision's to set; a client's would steer the router.
      { remove_on_match: { key_matcher: { prefix: 'x-envoy-' } } },
    ],
  }),
};

/** Named facts only. A credential header must never appear: injected keys are in the same header map. */
function accessLog(edge: Edge): JsonObject {
  const format: JsonObject = {
    log_format: {
      json_format: {
        time: '%START_TIME%',
        exchange: EXCHANGE_ID,
        method: '%REQ(:METHOD)%',
        path: '%PATH(NQ)%',
        protocol: '%PROTOCOL%',
        status: '%RESPONSE_CODE%',
        flags: '%RESPONSE_FLAGS%',
        details: '%RESPONSE_CODE_DETAILS%',
        cluster: '%UPSTREAM_CLUSTER%',
        upstreamFailure: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
        attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
        bytesReceived: '%BYTES_RECEIVED%',
        bytesSent: '%BYTES_SENT%',
        ms: '%DURATION%',
      },
    },
  };
  // A path cannot be opened where standard output is a socket, as it is under systemd: Envoy would not start.
  return edge.accessLog === '/dev/stdout'
    ? { name: 'envoy.access_loggers.stdout', typed_config: typed('envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', format) }
    : {
        name: 'envoy.access_loggers.file',
        typed_config: typed('envoy.extensions.access_loggers.file.v3.FileAccessLog', { path: edge.accessLog, ...format }),
      };
}
