import type { Edge, Settings } from '../config/settings.ts';
import { typed, type JsonObject } from './json.ts';

const heapBytesMax = 2_147_483_648;

/** Read-only pages that `sallyport check --admin` and a scraper need. Everything that changes Envoy or dumps memory stays shut. */
export const ADMIN_PATHS = ['/ready', '/stats', '/stats/prometheus', '/listeners', '/clusters', '/config_dump', '/server_info'] as const;

/** What every shape of the configuration has in common: identity, admin, runtime guards, overload limits. */
export function bootstrapBase(settings: Settings): JsonObject {
  return {
    node: { id: 'sallyport', cluster: 'sallyport' },
    admin: {
      address: adminAddress(settings.edge),
      // Envoy matches the path with its query.
      allow_paths: ADMIN_PATHS.map((path) => ({ safe_regex: { regex: `${path}(\\?.*)?` } })),
    },
    layered_runtime: {
      layers: [
        {
          name: 'static',
          static_layer: {
            // Without it Envoy resets every ext_proc stream; Node answers the storm with GOAWAY and requests fail under load.
            'envoy.reloadable_features.ext_proc_graceful_grpc_close': true,
            'envoy.reloadable_features.strict_chunk_parsing': true,
          },
        },
      ],
    },
    overload_manager: {
      refresh_interval: '0.25s',
      resource_monitors: [
        {
          name: 'envoy.resource_monitors.fixed_heap',
          typed_config: typed('envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig', { max_heap_size_bytes: heapBytesMax }),
        },
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          typed_config: typed('envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig', {
            max_active_downstream_connections: settings.edge.connectionsMax,
          }),
        },
      ],
      actions: [
        overloadAction('envoy.overload_actions.shrink_heap', 0.95),
        overloadAction('envoy.overload_actions.stop_accepting_requests', 0.98),
      ],
    },
  };
}

const overloadAction = (name: string, value: number): JsonObject => ({
  name,
  triggers: [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value } }],
});

function adminAddress(edge: Edge): JsonObject {
  return edge.admin.kind === 'unix'
    ? { pipe: { path: edge.admin.path, mode: 0o660 } }
    : { socket_address: { address: edge.admin.host, port_value: edge.admin.port } };
}
