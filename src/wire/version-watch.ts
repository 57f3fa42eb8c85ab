import { routeVersionKey } from '../core/route.ts';
import type { DecisionSettings } from '../pipeline/ports.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export type VersionWatch = (envoyProviders: ReadonlyMap<string, string>) => void;

/**
 * Compares what Envoy's configuration says of itself with the settings, once for each pair of them, and tells of providers and
 * routes that Envoy has in another version or not at all. `decide` does without them; this is the alarm.
 */
export function openVersionWatch(settings: () => DecisionSettings, telemetry: Telemetry): VersionWatch {
  let seenEnvoy: ReadonlyMap<string, string> | undefined;
  let seenSettings: DecisionSettings | undefined;
  return (envoyProviders) => {
    const current = settings();
    if (envoyProviders === seenEnvoy && current === seenSettings) {
      return;
    }
    seenEnvoy = envoyProviders;
    seenSettings = current;
    const providers = [...current.providers].filter(([name, provider]) => envoyProviders.get(name) !== provider.fingerprint);
    const routes = new Set([...current.models.values()].map((model) => routeVersionKey(model.route)));
    telemetry.configurationMismatch([...providers.map(([name]) => name), ...[...routes].filter((route) => !envoyProviders.has(route))]);
  };
}
