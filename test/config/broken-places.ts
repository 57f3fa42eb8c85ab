/** A configuration that somebody broke: the rendered one with these places changed, and what the linter must find in it. */
export interface Broken {
  readonly name: string;
  /** Ids, all of them and no others. */
  readonly finds: readonly string[];
  /** By path as `edit` takes it; undefined removes. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Only in this chain, where the other has no such place. */
  readonly chain?: 'authz+proc' | 'proc';
}

export const LISTENER = 'static_resources/listeners/@edge';
export const HCM = `${LISTENER}/filter_chains/0/filters/0/typed_config`;
export const TLS = `${LISTENER}/filter_chains/0/transport_socket/typed_config/common_tls_context`;
export const FILTERS = `${HCM}/http_filters`;
export const AUTHZ = `${FILTERS}/@envoy.filters.http.ext_authz/typed_config`;
export const PROC = `${FILTERS}/@envoy.filters.http.ext_proc/typed_config`;
export const LOG = `${HCM}/access_log/0/typed_config/log_format/json_format`;
export const ROUTES = `${HCM}/route_config`;
export const VHOST = `${ROUTES}/virtual_hosts/@all`;
export const ROUTE = `${VHOST}/routes/0`;

const options = 'typed_extension_protocol_options/envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Of a provider with a key. */
export const OPENAI = 'static_resources/clusters/@openai';
export const OPENAI_TLS = `${OPENAI}/transport_socket/typed_config`;
export const OPENAI_OPTIONS = `${OPENAI}/${options}`;
export const OPENAI_FILTERS = `${OPENAI_OPTIONS}/http_filters`;
export const GATE = `${OPENAI_FILTERS}/@sallyport.gate/typed_config`;
export const PRINCIPAL = `${GATE}/rules/policies/decided/principals/0`;
export const REWRITE = `${OPENAI_FILTERS}/@sallyport.rewrite/typed_config/extension_config/typed_config`;
export const REWRITE_MATCHER = `${OPENAI_FILTERS}/@sallyport.rewrite/typed_config/xds_matcher`;
export const SENT = `${OPENAI_FILTERS}/@sallyport.sent/typed_config/mutations/request_mutations/0/append`;
export const ATTEMPT = `${OPENAI_FILTERS}/@sallyport.attempt/typed_config`;
export const STATUS = `${OPENAI_FILTERS}/@sallyport.status/typed_config`;
export const INJECTOR = `${OPENAI_FILTERS}/@sallyport.key/typed_config`;
export const STRIP = `${OPENAI_FILTERS}/@sallyport.strip/typed_config/mutations`;
/** Of a provider without a key, over plain HTTP on this machine. */
export const IN_HOUSE = 'static_resources/clusters/@in-house';
export const IN_HOUSE_ADDRESS = `${IN_HOUSE}/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address`;

export const SIDECAR = 'static_resources/clusters/@sallyport';
export const SIDECAR_OPTIONS = `${SIDECAR}/${options}`;
export const KEYS = 'static_resources/clusters/@sallyport-sds';
export const LAYER = 'layered_runtime/layers/@static/static_layer';

/** An extension’s configuration; `type` without the address before it. */
export const typed = (type: string, fields: object = {}): object => ({ '@type': `type.googleapis.com/${type}`, ...fields });

const http = 'envoy.extensions.filters.http';

export const filter = (name: string, type: string, fields: object = {}): object => ({
  name,
  typed_config: typed(`${http}.${type}`, fields),
});
