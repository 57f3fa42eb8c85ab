import { isIP } from 'node:net';
import {
  CLIENT_HIDDEN_HEADERS,
  CLIENT_HIDDEN_PREFIXES,
  CREDENTIAL_HEADERS,
  METADATA,
  PROVIDER_HIDDEN_HEADERS,
  PROVIDER_HIDDEN_PREFIXES,
} from '../core/headers.ts';
import { keyName } from '../core/key-name.ts';
import type { ApiFamily } from '../core/operation.ts';
import { providerReadBytes } from '../config/buffers.ts';
import { providerFingerprint } from '../config/fingerprint.ts';
import type { Provider, Settings } from '../config/settings.ts';
import { attemptFilters } from './attempt-filters.ts';
import { seconds, typed, type Json, type JsonObject } from './json.ts';
import { highCircuitBreakers } from './limits.ts';
import { KEY_CLUSTER } from './sidecar-cluster.ts';
import { rewriteFilter } from './sidecar-filters.ts';

/** Where Debian, Ubuntu, Alpine and the distroless images keep the public certificate authorities. */
const systemAuthorities = '/etc/ssl/certs/ca-certificates.crt';

/** How each API takes its key. */
const CREDENTIAL_FORM: Readonly<Record<ApiFamily, { readonly header: (typeof CREDENTIAL_HEADERS)[number]; readonly prefix: string }>> = {
  openai: { header: 'authorization', prefix: 'Bearer ' },
  anthropic: { header: 'x-api-key', prefix: '' },
};

/** A provider's cluster. Its HTTP filters run once per attempt: gate, notes of attempts, rewrite, key, strip. */
export function providerCluster(settings: Settings, provider: Provider): JsonObject {
  return {
    name: provider.name,
    type: isIP(provider.host) === 0 ? 'LOGICAL_DNS' : 'STATIC',
    // Both families, tried side by side (RFC 8305): the default asks IPv6 alone wherever a name has it.
    dns_lookup_family: 'ALL',
    connect_timeout: seconds(provider.connectTimeoutMs),
    per_connection_buffer_limit_bytes: providerReadBytes,
    circuit_breakers: highCircuitBreakers,
    load_assignment: {
      cluster_name: provider.name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: provider.host, port_value: provider.port } } } }] }],
    },
    ...(provider.tls ? { transport_socket: upstreamTls(provider) } : {}),
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': typed('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
        // Below the idle limits of the usual provider edges, so that we close first and no request meets a dying connection.
        common_http_protocol_options: { idle_timeout: '30s' },
        ...(provider.tls
          ? { auto_config: { http_protocol_options: {}, http2_protocol_options: {} } }
          : { explicit_http_config: { http_protocol_options: {} } }),
        http_filters: [
          gate(provider.name),
          ...attemptFilters,
          rewriteFilter(settings, provider.name),
          ...(provider.credential === undefined ? [] : [keyInjector(provider)]),
          strip(provider),
          {
            name: 'envoy.filters.http.upstream_codec',
            typed_config: typed('envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec'),
          },
        ],
      }),
    },
  };
}

function upstreamTls(provider: Provider): JsonObject {
  const byAddress = isIP(provider.host) !== 0;
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      ...(byAddress ? {} : { sni: provider.host }),
      common_tls_context: {
        tls_params: {
          tls_minimum_protocol_version: provider.tlsMinimum === '1.3' ? 'TLSv1_3' : 'TLSv1_2',
          tls_maximum_protocol_version: 'TLSv1_3',
        },
        validation_context: {
          trusted_ca: { filename: provider.tlsCa ?? systemAuthorities },
          match_typed_subject_alt_names: [{ san_type: byAddress ? 'IP_ADDRESS' : 'DNS', matcher: { exact: provider.host } }],
          ...(provider.tlsPins === undefined ? {} : { verify_certificate_spki: provider.tlsPins }),
        },
      },
    }),
  };
}

/** The last gate, without a call: only an attempt whose decision names this very cluster goes on to get its key. */
function gate(cluster: string): JsonObject {
  const decided: Json = {
    sourced_metadata: {
      metadata_source: 'DYNAMIC',
      metadata_matcher: {
        filter: METADATA.decision,
        path: [{ key: 'allow' }],
        value: { list_match: { one_of: { string_match: { exact: cluster } } } },
      },
    },
  };
  return {
    name: 'sallyport.gate',
    typed_config: typed('envoy.extensions.filters.http.rbac.v3.RBAC', {
      rules: { action: 'ALLOW', policies: { decided: { permissions: [{ any: true }], principals: [decided] } } },
    }),
  };
}

/** How soon keys are asked for again. Envoy's default goes up to 30 s, and so long a provider would be without its key. */
const keyRetry: JsonObject = { retry_back_off: { base_interval: '0.2s', max_interval: '1s' } };

function keyInjector(provider: Provider): JsonObject {
  const form = CREDENTIAL_FORM[provider.api];
  return {
    name: 'sallyport.key',
    typed_config: typed('envoy.extensions.filters.http.credential_injector.v3.CredentialInjector', {
      overwrite: true,
      allow_request_without_credential: false,
      credential: {
        name: 'envoy.http.injected_credentials.generic',
        typed_config: typed('envoy.extensions.http.injected_credentials.generic.v3.Generic', {
          header: form.header,
          ...(form.prefix === '' ? {} : { header_value_prefix: form.prefix }),
          credential: {
            name: keyName(provider.name, providerFingerprint(provider)),
            sds_config: {
              resource_api_version: 'V3',
              api_config_source: {
                api_type: 'GRPC',
                transport_api_version: 'V3',
                grpc_services: [{ envoy_grpc: { cluster_name: KEY_CLUSTER, retry_policy: keyRetry } }],
              },
            },
          },
        }),
      },
    }),
  };
}

/** Removes every other credential and whatever is not the provider's business; from the answer, what is not the client's. */
function strip(provider: Provider): JsonObject {
  const injected = provider.credential === undefined ? undefined : CREDENTIAL_FORM[provider.api].header;
  const removed = [...CREDENTIAL_HEADERS.filter((name) => name !== injected), ...PROVIDER_HIDDEN_HEADERS];
  return {
    name: 'sallyport.strip',
    typed_config: typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
      mutations: {
        request_mutations: [...removed.map(remove), ...PROVIDER_HIDDEN_PREFIXES.map(removePrefix)],
        response_mutations: [...CLIENT_HIDDEN_HEADERS.map(remove), ...CLIENT_HIDDEN_PREFIXES.map(removePrefix)],
      },
    }),
  };
}

const remove = (name: string): JsonObject => ({ remove: name });
const removePrefix = (prefix: string): JsonObject => ({ remove_on_match: { key_matcher: { prefix } } });
