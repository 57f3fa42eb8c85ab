import { createHash } from 'node:crypto';
import { routeName, routeVersionKey } from '../core/route.ts';
import type { Model, Provider, Settings } from './settings.ts';

const fingerprintHexLength = 12;

/**
 * What Envoy's cluster of a provider was made from. The sidecar orders a cluster only while Envoy's version of it has the
 * fingerprint of its own, so that a path or a key never goes to an address that the settings no longer name.
 */
export function providerFingerprint(provider: Provider): string {
  const facts = [
    provider.name,
    provider.api,
    provider.tls,
    provider.host,
    provider.port,
    provider.authority,
    provider.basePath,
    provider.credential !== undefined,
    provider.tlsMinimum,
    provider.tlsCa ?? '',
    provider.tlsPins ?? [],
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, fingerprintHexLength);
}

/** The routing part of the settings as it travels in the gRPC initial metadata: providers with their fingerprints, then routes. */
export function routingVersion(settings: Settings): string {
  const providers = [...settings.providers.values()].map((provider) => `${provider.name}=${providerFingerprint(provider)}`);
  const routes = new Set([...settings.models.values()].map((model) => `${routeVersionKey(routeOf(model))}=1`));
  return [...providers.toSorted(), ...[...routes].toSorted()].join(',');
}

/** The value of the route header that leads to the route with this model's `firstByte`. */
export const routeOf = (model: Pick<Model, 'firstByteMs'>): string => routeName(model.firstByteMs);
