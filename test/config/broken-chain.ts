import { AUTHZ, filter, FILTERS, HCM, LISTENER, PROC, ROUTE, ROUTES, typed, VHOST, type Broken } from './broken-places.ts';

const authzPerRoute = 'envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute';
const procPerRoute = 'envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute';
const filterConfig = 'envoy.config.route.v3.FilterConfig';
const lua = filter('lua', 'lua.v3.Lua', { default_source_code: { inline_string: 'function envoy_on_request(handle) end' } });
const foreignCall = { grpc_service: { envoy_grpc: { cluster_name: 'waf' }, timeout: '1s' } };

/** Failing open, stages that are missing, moved, weak or doubled. */
export const CHAIN_AND_STAGES: readonly Broken[] = [
  { name: 'ext_authz fails open', finds: ['authz-fail-open'], set: { [`${AUTHZ}/failure_mode_allow`]: true }, chain: 'authz+proc' },
  {
    name: 'ext_authz fails open, in camel case',
    finds: ['authz-fail-open'],
    set: { [`${AUTHZ}/failure_mode_allow`]: undefined, [`${AUTHZ}/failureModeAllow`]: true },
    chain: 'authz+proc',
  },
  {
    name: 'a header for failing open',
    finds: ['authz-fail-open-header'],
    set: { [`${AUTHZ}/failure_mode_allow_header_add`]: true },
    chain: 'authz+proc',
  },
  {
    name: 'ext_authz for half of the requests',
    finds: ['authz-conditional'],
    set: { [`${AUTHZ}/filter_enabled`]: { default_value: { numerator: 50 } } },
    chain: 'authz+proc',
  },
  {
    name: 'deny_at_disable',
    finds: ['authz-conditional'],
    set: { [`${AUTHZ}/deny_at_disable`]: { default_value: true, runtime_key: 'deny' } },
    chain: 'authz+proc',
  },
  { name: 'ext_authz in shadow mode', finds: ['authz-shadow'], set: { [`${AUTHZ}/shadow_mode`]: true }, chain: 'authz+proc' },
  { name: 'ext_proc fails open', finds: ['proc-fail-open'], set: { [`${PROC}/failure_mode_allow`]: true } },
  { name: 'ext_proc fails open, as YAML text', finds: ['proc-fail-open'], set: { [`${PROC}/failure_mode_allow`]: 'yes' } },
  {
    name: 'ext_proc fails open on one route',
    finds: ['proc-fail-open'],
    set: {
      [`${ROUTE}/typed_per_filter_config`]: {
        'envoy.filters.http.ext_proc': typed(procPerRoute, { overrides: { failure_mode_allow: true } }),
      },
    },
  },
  { name: 'ext_proc only watches', finds: ['proc-observability'], set: { [`${PROC}/observability_mode`]: true } },
  { name: 'ext_proc disabled', finds: ['filter-disabled'], set: { [`${FILTERS}/@envoy.filters.http.ext_proc/disabled`]: true } },
  {
    name: 'ext_authz disabled on a virtual host',
    finds: ['filter-disabled'],
    set: { [`${VHOST}/typed_per_filter_config`]: { 'envoy.filters.http.ext_authz': typed(authzPerRoute, { disabled: true }) } },
  },
  {
    name: 'ext_proc disabled on a route by FilterConfig',
    finds: ['filter-disabled'],
    set: { [`${ROUTE}/typed_per_filter_config`]: { 'envoy.filters.http.ext_proc': typed(filterConfig, { disabled: true }) } },
  },
  {
    name: 'ext_proc disabled for all routes',
    finds: ['filter-disabled'],
    set: { [`${ROUTES}/typed_per_filter_config`]: { 'envoy.filters.http.ext_proc': typed(procPerRoute, { disabled: true }) } },
  },
  { name: 'ext_proc may be left out', finds: ['filter-optional'], set: { [`${FILTERS}/@envoy.filters.http.ext_proc/is_optional`]: true } },
  {
    name: 'a matcher around ext_proc',
    finds: ['filter-conditional'],
    set: {
      [`${FILTERS}/@envoy.filters.http.ext_proc/typed_config`]: typed('envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
        xds_matcher: {},
        extension_config: { name: 'ext_proc', typed_config: { $copy: PROC } },
      }),
    },
  },
  {
    name: 'another processing mode on a route',
    finds: ['route-override'],
    set: {
      [`${ROUTE}/typed_per_filter_config`]: {
        'envoy.filters.http.ext_proc': typed(procPerRoute, { overrides: { processing_mode: { request_body_mode: 'NONE' } } }),
      },
    },
  },
  {
    name: 'no ext_authz',
    finds: ['filter-missing'],
    set: { [`${FILTERS}/@envoy.filters.http.ext_authz`]: undefined },
    chain: 'authz+proc',
  },
  { name: 'no ext_proc', finds: ['filter-missing'], set: { [`${FILTERS}/@envoy.filters.http.ext_proc`]: undefined }, chain: 'authz+proc' },
  {
    name: 'the decision before identity',
    finds: ['filter-order'],
    set: { [`${FILTERS}/+@envoy.filters.http.ext_authz`]: { $move: `${FILTERS}/@envoy.filters.http.ext_proc` } },
    chain: 'authz+proc',
  },
  {
    name: 'the decision behind the router',
    finds: ['filter-order'],
    set: { [`${FILTERS}/+end`]: { $move: `${FILTERS}/@envoy.filters.http.ext_proc` } },
    chain: 'authz+proc',
  },
  {
    name: 'a transformation after the decision',
    finds: ['filter-after-decision'],
    set: { [`${FILTERS}/+@envoy.filters.http.router`]: filter('late', 'header_mutation.v3.HeaderMutation', { mutations: {} }) },
    chain: 'authz+proc',
  },
  { name: 'Lua before the decision', finds: ['metadata-writer'], set: { [`${FILTERS}/+0`]: lua } },
  {
    name: 'a second ext_authz',
    finds: ['metadata-writer'],
    set: { [`${FILTERS}/+0`]: filter('waf', 'ext_authz.v3.ExtAuthz', foreignCall) },
    chain: 'authz+proc',
  },
  {
    name: 'set_metadata opens the gate',
    finds: ['metadata-writer'],
    set: {
      [`${FILTERS}/+0`]: filter('set', 'set_metadata.v3.Config', {
        metadata: [{ metadata_namespace: 'sallyport', value: { allow: ['openai'] } }],
      }),
    },
  },
  {
    name: 'header_to_metadata writes the order, in camel case and a TypedStruct',
    finds: ['metadata-writer'],
    set: {
      [`${FILTERS}/+0`]: {
        name: 'convert',
        typed_config: {
          '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
          type_url: 'type.googleapis.com/envoy.extensions.filters.http.header_to_metadata.v3.Config',
          value: { requestRules: [{ header: 'x', onHeaderPresent: { metadataNamespace: 'sallyport.order', key: 'priority_groups' } }] },
        },
      },
    },
  },
  {
    name: 'another ext_proc may write our namespaces',
    finds: ['metadata-writer'],
    set: {
      [`${FILTERS}/+0`]: filter('other', 'ext_proc.v3.ExternalProcessor', {
        ...foreignCall,
        metadata_options: { receiving_namespaces: { untyped: ['sallyport'] } },
      }),
    },
  },
  {
    name: 'the wrong stage',
    finds: ['stage-wrong'],
    set: { [`${PROC}/grpc_service/initial_metadata/0/value`]: 'rewrite' },
    chain: 'authz+proc',
  },
  {
    name: 'the decision of the other chain',
    finds: ['stage-wrong'],
    set: { [`${PROC}/grpc_service/initial_metadata/0/value`]: 'decide' },
    chain: 'proc',
  },
  { name: 'an unknown sidecar cluster', finds: ['sidecar-call'], set: { [`${PROC}/grpc_service/envoy_grpc/cluster_name`]: 'elsewhere' } },
  {
    name: 'tcp_proxy beside the chain',
    finds: ['other-network-filter'],
    set: {
      [`${LISTENER}/filter_chains/+1`]: {
        filters: [
          {
            name: 'envoy.filters.network.tcp_proxy',
            typed_config: typed('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', { stat_prefix: 'x', cluster: 'openai' }),
          },
        ],
      },
    },
  },
  {
    name: 'a tap filter',
    finds: ['tap'],
    set: { [`${FILTERS}/+0`]: filter('tap', 'tap.v3.Tap', { common_config: { admin_config: { config_id: 'x' } } }) },
  },
  {
    name: 'routes from somewhere else',
    finds: ['unseen'],
    set: { [`${HCM}/route_config`]: undefined, [`${HCM}/rds`]: { route_config_name: 'models', config_source: { ads: {} } } },
  },
  {
    name: 'a filter from somewhere else',
    finds: ['unseen'],
    set: { [`${FILTERS}/+0`]: { name: 'remote', config_discovery: { config_source: { ads: {} } } } },
  },
  {
    name: 'ext_authz without a time limit',
    finds: ['authz-timeout-default'],
    set: { [`${AUTHZ}/grpc_service/timeout`]: undefined },
    chain: 'authz+proc',
  },
  {
    name: 'failures answered 403',
    finds: ['status-on-error-missing'],
    set: { [`${AUTHZ}/status_on_error`]: { code: 'Forbidden' } },
    chain: 'authz+proc',
  },
  {
    name: 'failures of the decision answered 500 by default',
    finds: ['status-on-error-missing'],
    set: { [`${PROC}/status_on_error`]: undefined },
  },
  { name: 'repeated headers joined', finds: ['authz-raw-headers'], set: { [`${AUTHZ}/encode_raw_headers`]: false }, chain: 'authz+proc' },
  {
    name: 'mutations of ext_authz unchecked',
    finds: ['authz-mutations-unchecked'],
    set: { [`${AUTHZ}/validate_mutations`]: undefined },
    chain: 'authz+proc',
  },
  {
    name: 'ext_authz reads the body',
    finds: ['authz-reads-body'],
    set: { [`${AUTHZ}/with_request_body`]: { max_request_bytes: 1024 } },
    chain: 'authz+proc',
  },
  {
    name: 'ext_authz clears the route cache',
    finds: ['authz-clears-route-cache'],
    set: { [`${AUTHZ}/clear_route_cache`]: true },
    chain: 'authz+proc',
  },
  {
    name: 'ext_authz without the certificate',
    finds: ['authz-without-certificate'],
    set: { [`${AUTHZ}/include_peer_certificate`]: false },
    chain: 'authz+proc',
  },
  { name: 'a part of the body', finds: ['proc-request-mode'], set: { [`${PROC}/processing_mode/request_body_mode`]: 'BUFFERED_PARTIAL' } },
  { name: 'no request headers, as a number', finds: ['proc-request-mode'], set: { [`${PROC}/processing_mode/request_header_mode`]: 2 } },
  {
    name: 'response phases by default',
    finds: ['proc-response-mode'],
    set: { [`${PROC}/processing_mode/response_header_mode`]: undefined },
  },
  {
    name: 'response bodies for everything',
    finds: ['proc-response-mode'],
    set: { [`${PROC}/processing_mode/response_body_mode`]: 'STREAMED' },
  },
  { name: 'no mode override', finds: ['proc-mode-override'], set: { [`${PROC}/allow_mode_override`]: undefined } },
  {
    name: 'only one mode override',
    finds: ['proc-mode-override'],
    set: { [`${PROC}/allowed_override_modes`]: [{ response_body_mode: 'STREAMED' }] },
  },
  { name: 'no immediate response', finds: ['proc-immediate-response'], set: { [`${PROC}/disable_immediate_response`]: true } },
  { name: 'ext_proc without a time limit', finds: ['proc-timeout-default'], set: { [`${PROC}/message_timeout`]: undefined } },
  {
    name: 'the order is not received',
    finds: ['metadata-receiving'],
    set: { [`${PROC}/metadata_options/receiving_namespaces/untyped`]: ['sallyport'] },
  },
  {
    name: 'the caller is not forwarded',
    finds: ['metadata-forwarding'],
    set: { [`${PROC}/metadata_options/forwarding_namespaces`]: undefined },
    chain: 'authz+proc',
  },
  {
    name: 'how attempts ended is not forwarded',
    finds: ['metadata-forwarding'],
    set: { [`${PROC}/metadata_options/forwarding_namespaces/untyped/-1`]: undefined },
  },
  {
    name: 'one credential header is visible',
    finds: ['credential-visible'],
    set: { [`${PROC}/forward_rules/disallowed_headers/patterns/1`]: undefined },
    chain: 'authz+proc',
  },
  {
    name: 'credential headers on the list of allowed ones',
    finds: ['credential-visible'],
    set: { [`${PROC}/forward_rules`]: { allowed_headers: { patterns: [{ safe_regex: { regex: '(?i)x-.*' } }] } } },
    chain: 'authz+proc',
  },
  {
    name: 'the stage that identifies is blind',
    finds: ['credential-hidden'],
    set: { [`${PROC}/forward_rules`]: { disallowed_headers: { patterns: [{ prefix: 'auth' }] } } },
    chain: 'proc',
  },
  { name: 'mutations dropped silently', finds: ['mutations-unchecked'], set: { [`${PROC}/mutation_rules/disallow_is_error`]: undefined } },
  { name: 'routing headers refused', finds: ['mutations-refused'], set: { [`${PROC}/mutation_rules/allow_all_routing`]: false } },
  { name: 'all mutations refused', finds: ['mutations-refused'], set: { [`${PROC}/mutation_rules/disallow_all`]: true } },
  {
    name: 'replies saved',
    finds: ['proc-response-saved'],
    set: {
      [`${PROC}/on_processing_response`]: {
        name: 'save',
        typed_config: typed('envoy.extensions.http.ext_proc.response_processors.save_processing_response.v3.SaveProcessingResponse'),
      },
    },
  },
];
