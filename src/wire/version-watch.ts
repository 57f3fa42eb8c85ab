import type { DecisionSettings } from '../pipeline/ports.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export type VersionWatch = (envoyProviders: ReadonlyMap<string, string>) => void;

/**
 * Compares what Envoy's configuration says of itself with the settings, once for each pair of them, and tells of providers that
 * Envoy has in another version or not at all. Those are not ordered (`decide`); this is the alarm.
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
    telemetry.configurationMismatch(
      [...current.providers].filter(([name, provider]) => envoyProviders.get(name) !== provider.fingerprint).map(([name]) => name),
    );
  };
}
