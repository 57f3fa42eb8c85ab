import { z } from 'zod';

const named = z.record(z.string(), z.unknown());
const staticForm = z.looseObject({ static_resources: z.looseObject({ listeners: z.array(named), clusters: z.array(named) }) });

const resource = (type: string, value: object): object => ({ '@type': `type.googleapis.com/envoy.config.${type}`, ...value });
const dumped = (type: string, value: object): object => ({ '@type': `type.googleapis.com/envoy.admin.v3.${type}ConfigDump`, ...value });

/** The watched form of a static configuration: listeners and clusters in discovery files. */
export function toWatched(config: unknown): { readonly bootstrap: unknown; readonly resources: readonly unknown[] } {
  const { static_resources: parts, ...rest } = staticForm.parse(config);
  const { listeners, clusters, ...others } = parts;
  return {
    bootstrap: {
      ...rest,
      dynamic_resources: {
        lds_config: { path_config_source: { path: 'lds.yaml' } },
        cds_config: { path_config_source: { path: 'cds.yaml' } },
      },
      static_resources: others,
    },
    resources: [
      { resources: clusters.map((cluster) => resource('cluster.v3.Cluster', cluster)) },
      { resources: listeners.map((listener) => resource('listener.v3.Listener', listener)) },
    ],
  };
}

/** What `/config_dump` of an Envoy with this configuration says, half of it from discovery. */
export function toDump(config: unknown): unknown {
  const parsed = staticForm.parse(config);
  const { listeners, clusters } = parsed.static_resources;
  const [first, ...others] = clusters.map((cluster) => resource('cluster.v3.Cluster', cluster));
  return {
    configs: [
      dumped('Bootstrap', { bootstrap: parsed }),
      dumped('Clusters', { static_clusters: [{ cluster: first }], dynamic_active_clusters: others.map((cluster) => ({ cluster })) }),
      dumped('Listeners', {
        dynamic_listeners: listeners.map((listener) => ({
          name: listener['name'],
          active_state: { listener: resource('listener.v3.Listener', listener) },
        })),
      }),
    ],
  };
}
