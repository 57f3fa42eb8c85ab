import { Document } from 'yaml';
import type { Settings } from '../config/settings.ts';
import { bootstrapBase } from './bootstrap.ts';
import { addComments } from './comments.ts';
import { typed, type JsonObject } from './json.ts';
import { edgeListener } from './listener.ts';
import { providerCluster } from './provider-cluster.ts';
import { sidecarClusters } from './sidecar-cluster.ts';

/** One file of rendered configuration, relative to the directory it is written to. */
export interface RenderedFile {
  readonly name: 'envoy.yaml' | 'lds.yaml' | 'cds.yaml';
  readonly text: string;
}

/** The whole configuration as one static file: for reading, for examples, for deployments that restart Envoy anyway. */
export function renderStatic(settings: Settings): RenderedFile {
  return file('envoy.yaml', {
    ...bootstrapBase(settings),
    static_resources: {
      listeners: [edgeListener(settings)],
      clusters: [...sidecarClusters(settings), ...providerClusters(settings)],
    },
  });
}

/**
 * A bootstrap that never changes beside listener and clusters in a directory that Envoy watches (filesystem xDS): a new
 * model or provider takes effect without a restart. `directory` is where Envoy will find the files.
 * Clusters are to be replaced before the listener that names them, each by rename.
 */
export function renderWatched(settings: Settings, directory: string): readonly RenderedFile[] {
  const watched = (name: 'lds.yaml' | 'cds.yaml'): JsonObject => ({
    resource_api_version: 'V3',
    path_config_source: { path: `${directory}/${name}`, watched_directory: { path: directory } },
  });
  return [
    file('envoy.yaml', {
      ...bootstrapBase(settings),
      dynamic_resources: { lds_config: watched('lds.yaml'), cds_config: watched('cds.yaml') },
      static_resources: { clusters: [...sidecarClusters(settings)] },
    }),
    file('cds.yaml', resources('envoy.config.cluster.v3.Cluster', providerClusters(settings))),
    file('lds.yaml', resources('envoy.config.listener.v3.Listener', [edgeListener(settings)])),
  ];
}

const providerClusters = (settings: Settings): readonly JsonObject[] =>
  [...settings.providers.values()].map((provider) => providerCluster(settings, provider));

const resources = (type: string, items: readonly JsonObject[]): JsonObject => ({ resources: items.map((item) => typed(type, item)) });

const heading = '# Written by `sallyport envoy render`; edit sallyport.yaml and render again.\n';

function file(name: RenderedFile['name'], content: JsonObject): RenderedFile {
  const document = new Document(content, { aliasDuplicateObjects: false });
  addComments(document);
  return { name, text: `${heading}${document.toString({ lineWidth: 0, singleQuote: true })}` };
}
