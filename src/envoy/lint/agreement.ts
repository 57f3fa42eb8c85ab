import { STAGE_METADATA } from '../../core/headers.ts';
import { routingVersion } from '../../config/fingerprint.ts';
import type { GrpcListener, Provider, Settings } from '../../config/settings.ts';
import { DECISION_CLUSTER, KEY_CLUSTER } from '../sidecar-cluster.ts';
import { describeEndpoint } from './addresses.ts';
import { error, reporter, warning, type Finding } from './finding.ts';
import { ownStages, stageMetadata, stageOf, type Inspection } from './inspection.ts';
import type { Cluster } from './model.ts';
import { textOf } from './place.ts';

export const AGREEMENT = {
  'config-stale': warning(
    'Envoy’s configuration was made from other settings; render it anew',
    'Sallyport orders only clusters that are as its own settings say: a changed provider gets no requests until then.',
  ),
  'provider-missing': warning(
    'the settings name a provider that Envoy has no cluster for; render the configuration anew',
    'Its models fail over, or fail.',
  ),
  'provider-unknown': warning(
    'requests can be routed to a cluster that the settings do not name; remove it',
    'No decision allows it, so nothing reaches it today.',
  ),
  'provider-address': error(
    'the cluster leads to another address than the settings say; render the configuration anew',
    'The provider’s key goes to whoever is at that address.',
  ),
  'sidecar-address': warning(
    'Envoy looks for Sallyport where the settings do not say that it listens; render the configuration anew',
    'Every request fails; or another program answers in Sallyport’s place.',
  ),
} as const;

const find = reporter(AGREEMENT);

/** Where settings are at hand: does Envoy have what they say? */
export function* judgeAgreement(inspection: Inspection): Generator<Finding> {
  const { settings, model, providers } = inspection;
  if (settings === undefined) {
    return;
  }
  yield* judgeVersion(inspection, settings);
  for (const provider of settings.providers.values()) {
    const cluster = model.clusters.find(({ name }) => name === provider.name);
    if (cluster === undefined) {
      yield find('provider-missing', { path: `clusters.${provider.name}` });
    } else {
      yield* judgeAddress(cluster, provider);
    }
  }
  for (const { name, place } of providers.filter((each) => !settings.providers.has(each.name))) {
    yield find('provider-unknown', place, name);
  }
  yield* judgeSidecar(inspection, DECISION_CLUSTER, settings.listen.grpc);
  yield* judgeSidecar(inspection, KEY_CLUSTER, settings.listen.sds);
}

function* judgeVersion({ model }: Inspection, settings: Settings): Generator<Finding> {
  const expected = routingVersion(settings);
  // Clusters do not say it: they are read apart, and compared by their addresses below.
  for (const { config } of ownStages(model).filter((stage) => stageOf(stage.config) !== 'rewrite')) {
    const version = stageMetadata(config, STAGE_METADATA.config);
    if (textOf(version) !== expected) {
      yield find('config-stale', version);
    }
  }
}

function* judgeAddress(cluster: Cluster, provider: Provider): Generator<Finding> {
  const wrong = cluster.endpoints.filter(
    (endpoint) => endpoint.kind !== 'socket' || endpoint.host !== provider.host || endpoint.port !== provider.port,
  );
  for (const endpoint of wrong) {
    yield find('provider-address', endpoint.place, `${describeEndpoint(endpoint)}, settings ${provider.host}:${String(provider.port)}`);
  }
}

function* judgeSidecar({ model }: Inspection, name: string, listeners: readonly GrpcListener[]): Generator<Finding> {
  const expected = listeners.map((listener) => (listener.kind === 'unix' ? listener.path : `${listener.host}:${String(listener.port)}`));
  const cluster = model.clusters.find((each) => each.name === name);
  const wrong = cluster?.endpoints.filter((endpoint) => !expected.includes(describeEndpoint(endpoint))) ?? [];
  for (const endpoint of wrong) {
    yield find('sidecar-address', endpoint.place, describeEndpoint(endpoint));
  }
}
