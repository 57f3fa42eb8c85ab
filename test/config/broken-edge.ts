import { FILTERS, HCM, LAYER, LISTENER, ROUTE, TLS, type Broken } from './broken-places.ts';

const early = `${HCM}/early_header_mutation_extensions/0/typed_config/mutations`;

/** The front door, the limits, the server itself. */
export const EDGE: readonly Broken[] = [
  {
    name: 'no TLS',
    finds: ['tls-missing'],
    set: { [`${LISTENER}/filter_chains/0/transport_socket`]: undefined, [`${LISTENER}/address/socket_address/address`]: '0.0.0.0' },
  },
  { name: 'TLS 1.2', finds: ['tls-minimum'], set: { [`${TLS}/tls_params/tls_minimum_protocol_version`]: 'TLSv1_2' } },
  {
    name: 'client certificates are not asked for',
    finds: ['client-certificate-unverified'],
    set: { [`${TLS}/validation_context`]: undefined },
  },
  {
    name: 'any client certificate',
    finds: ['client-certificate-unverified'],
    set: { [`${TLS}/validation_context/trust_chain_verification`]: 'ACCEPT_UNTRUSTED' },
  },
  { name: 'TLS keys of clients in a file', finds: ['tls-keys-logged'], set: { [`${TLS}/key_log`]: { path: '/tmp/keys' } } },
  { name: 'the address is what the client says', finds: ['client-address-forged'], set: { [`${HCM}/use_remote_address`]: false } },
  { name: 'one proxy too many', finds: ['trusted-hops'], set: { [`${HCM}/xff_num_trusted_hops`]: 2 } },
  {
    name: 'the client’s certificate header',
    finds: ['client-certificate-header'],
    set: { [`${HCM}/forward_client_cert_details`]: 'APPEND_FORWARD' },
  },
  { name: 'internal headers of clients', finds: ['internal-headers-kept'], set: { [`${early}/0`]: undefined } },
  { name: 'x-envoy headers of clients', finds: ['envoy-headers-kept'], set: { [`${early}/1`]: undefined } },
  {
    name: 'internal networks',
    finds: ['internal-addresses'],
    set: { [`${HCM}/internal_address_config/cidr_ranges`]: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
  },
  {
    name: 'private networks internal by an empty list',
    finds: ['internal-addresses'],
    set: { [`${HCM}/internal_address_config/cidr_ranges`]: undefined },
  },
  { name: 'everybody is internal', finds: ['internal-addresses'], set: { [`${HCM}/internal_address_config/cidr_ranges/0/prefix_len`]: 0 } },
  {
    name: 'the scheme is what the client says',
    finds: ['scheme-from-client'],
    set: { [`${HCM}/scheme_header_transformation`]: undefined },
  },
  { name: 'keys in URLs', finds: ['query-credentials-pass'], set: { [`${FILTERS}/0`]: undefined } },
  {
    name: 'keys in URLs, noticed late',
    finds: ['query-credentials-pass'],
    set: { [`${FILTERS}/+@envoy.filters.http.router`]: { $move: `${FILTERS}/0` } },
  },
  { name: 'keys in URLs let through', finds: ['query-credentials-pass'], set: { [`${FILTERS}/0/typed_config/rules/action`]: 'LOG' } },
  { name: 'paths as they are', finds: ['path-not-normalised'], set: { [`${HCM}/normalize_path`]: undefined } },
  { name: 'repeated slashes', finds: ['slashes-not-merged'], set: { [`${HCM}/merge_slashes`]: false } },
  { name: 'escaped slashes', finds: ['escaped-slashes'], set: { [`${HCM}/path_with_escaped_slashes_action`]: 'UNESCAPE_AND_FORWARD' } },
  {
    name: 'underscores',
    finds: ['underscores-allowed'],
    set: { [`${HCM}/common_http_protocol_options/headers_with_underscores_action`]: undefined },
  },
  { name: 'large headers', finds: ['headers-unbounded'], set: { [`${HCM}/max_request_headers_kb`]: 96 } },
  { name: 'many streams', finds: ['streams-unbounded'], set: { [`${HCM}/http2_protocol_options/max_concurrent_streams`]: undefined } },
  { name: 'no time limit on headers', finds: ['headers-timeout-missing'], set: { [`${HCM}/request_headers_timeout`]: undefined } },
  { name: 'no time limit on uploads', finds: ['request-timeout-missing'], set: { [`${HCM}/request_timeout`]: '0s' } },
  { name: 'silence by default', finds: ['stream-idle-missing'], set: { [`${HCM}/stream_idle_timeout`]: undefined } },
  { name: 'two lengths', finds: ['chunked-length-allowed'], set: { [`${HCM}/http_protocol_options`]: { allow_chunked_length: true } } },
  { name: 'plain local replies', finds: ['local-replies-plain'], set: { [`${HCM}/local_reply_config`]: undefined } },
  { name: 'no body limit', finds: ['body-limit-missing'], set: { [`${FILTERS}/@envoy.filters.http.body_size_limit`]: undefined } },
  {
    name: 'another body limit',
    finds: ['body-limit-differs'],
    set: { [`${FILTERS}/@envoy.filters.http.body_size_limit/typed_config/max_request_bytes`]: 8_388_608 },
  },
  { name: 'a small buffer', finds: ['listener-buffer-small'], set: { [`${LISTENER}/per_connection_buffer_limit_bytes`]: 32_768 } },
  { name: 'the default buffer', finds: ['listener-buffer-small'], set: { [`${LISTENER}/per_connection_buffer_limit_bytes`]: undefined } },
  {
    name: 'a small window of an HTTP/2 stream',
    finds: ['stream-window-small'],
    set: { [`${HCM}/http2_protocol_options/initial_stream_window_size`]: 65_536 },
  },
  { name: 'a small buffer on a route', finds: ['route-buffer-small'], set: { [`${ROUTE}/request_body_buffer_limit`]: '65536' } },
  {
    name: 'admin for everyone',
    finds: ['admin-open'],
    set: { 'admin/address': { socket_address: { address: '0.0.0.0', port_value: 9901 } } },
  },
  { name: 'every admin page', finds: ['admin-paths'], set: { 'admin/allow_paths': undefined } },
  { name: 'the page that stops Envoy', finds: ['admin-paths'], set: { 'admin/allow_paths/+0': { exact: '/quitquitquit' } } },
  { name: 'any page with a query', finds: ['admin-paths'], set: { 'admin/allow_paths/+0': { contains: '/stats' } } },
  { name: 'any page that ends well', finds: ['admin-paths'], set: { 'admin/allow_paths/+0': { safe_regex: { regex: '.*/ready' } } } },
  {
    name: 'a pattern that allows log levels',
    finds: ['admin-paths'],
    set: { 'admin/allow_paths/+0': { safe_regex: { regex: '/l(ogging|isteners).*' } } },
  },
  { name: 'an open admin socket', finds: ['admin-socket-mode'], set: { 'admin/address/pipe/mode': 0o666 } },
  {
    name: 'resets after every stream',
    finds: ['graceful-close-missing'],
    set: { [`${LAYER}/envoy.reloadable_features.ext_proc_graceful_grpc_close`]: undefined },
  },
  {
    name: 'a later layer switches off',
    finds: ['graceful-close-missing'],
    set: {
      'layered_runtime/layers/+1': {
        name: 'later',
        static_layer: { envoy: { reloadable_features: { ext_proc_graceful_grpc_close: false } } },
      },
    },
  },
  { name: 'loose chunks', finds: ['chunk-parsing-lax'], set: { [`${LAYER}/envoy.reloadable_features.strict_chunk_parsing`]: false } },
  {
    name: 'wrong messages pass',
    finds: ['runtime-weakens'],
    set: { [`${LAYER}/envoy.reloadable_features.ext_proc_fail_close_spurious_resp`]: false },
  },
  { name: 'runtime by admin', finds: ['runtime-outside'], set: { 'layered_runtime/layers/+1': { name: 'admin', admin_layer: {} } } },
  { name: 'no overload manager', finds: ['overload-unbounded'], set: { overload_manager: undefined } },
];
