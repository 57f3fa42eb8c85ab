import type { GrpcListener, Settings } from '../config/settings.ts';
import { typed, type JsonObject } from './json.ts';
import { highCircuitBreakers } from './limits.ts';

/** Cluster names of the sidecar's two listeners. Providers may not take them. */
export const DECISION_CLUSTER = 'sallyport';
export const KEY_CLUSTER = 'sallyport-sds';

/** The two clusters through which Envoy asks us: decisions and keys never share a socket. */
export function sidecarClusters(settings: Settings): readonly JsonObject[] {
  return [sidecarCluster(DECISION_CLUSTER, settings.listen.grpc, settings), sidecarCluster(KEY_CLUSTER, settings.listen.sds, settings)];
}

function sidecarCluster(name: string, listeners: readonly GrpcListener[], settings: Settings): JsonObject {
  const tls = settings.edge.sidecarTls;
  const overTcp = listeners.some((listener) => listener.kind === 'tcp');
  return {
    name,
    type: overTcp ? 'STRICT_DNS' : 'STATIC',
    dns_lookup_family: 'ALL',
    connect_timeout: '1s',
    // A dead process must not be used "because all are dead": failing closed at once is the point.
    // A change of health acts at once: Envoy would gather those of a second, and use the dead process meanwhile.
    common_lb_config: { healthy_panic_threshold: { value: 0 }, update_merge_window: '0s' },
    outlier_detection: brokenConnections,
    circuit_breakers: highCircuitBreakers,
    // no_traffic_interval defaults to 60s: one wedged process of two then failed nearly every request for half a minute.
    health_checks: [
      {
        timeout: '1s',
        interval: '1s',
        no_traffic_interval: '1s',
        unhealthy_threshold: 1,
        healthy_threshold: 1,
        grpc_health_check: {},
      },
    ],
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': typed('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
        explicit_http_config: {
          http2_protocol_options: {
            connection_keepalive: { interval: '1s', timeout: '1s' },
            initial_stream_window_size: 1_048_576,
            initial_connection_window_size: 16_777_216,
          },
        },
      }),
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: listeners.map((listener) => ({ endpoint: { address: addressOf(listener) } })) }],
    },
    ...(overTcp && tls !== undefined
      ? {
          transport_socket: {
            name: 'envoy.transport_sockets.tls',
            typed_config: typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
              sni: tls.serverName,
              common_tls_context: {
                alpn_protocols: ['h2'],
                tls_params: { tls_minimum_protocol_version: 'TLSv1_3', tls_maximum_protocol_version: 'TLSv1_3' },
                tls_certificates: [{ certificate_chain: { filename: tls.certificate }, private_key: { filename: tls.certificate } }],
                validation_context: {
                  trusted_ca: { filename: tls.ca },
                  match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: tls.serverName } }],
                },
              },
            }),
          },
        }
      : {}),
  };
}

/**
 * One broken or refused connection takes a process out until its next good health check, so that only the calls that were under
 * way fail. What a process answers never does, and never more than half of them: a sole process is not taken out.
 */
const brokenConnections: JsonObject = {
  split_external_local_origin_errors: true,
  consecutive_local_origin_failure: 1,
  enforcing_consecutive_local_origin_failure: 100,
  enforcing_local_origin_success_rate: 0,
  enforcing_consecutive_5xx: 0,
  enforcing_consecutive_gateway_failure: 0,
  enforcing_success_rate: 0,
  interval: '1s',
  base_ejection_time: '1s',
  max_ejection_time: '1s',
  max_ejection_percent: 50,
};

const addressOf = (listener: GrpcListener): JsonObject =>
  listener.kind === 'unix' ? { pipe: { path: listener.path } } : { socket_address: { address: listener.host, port_value: listener.port } };
