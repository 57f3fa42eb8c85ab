import type { JsonObject } from './json.ts';

/**
 * Envoy's default of 1,024 requests per cluster would refuse the 1,025th open stream, on the provider's cluster and on the
 * sidecar's alike. `connectionsMax` at the edge is the limit that is meant.
 */
const requestsMax = 100_000;

export const highCircuitBreakers: JsonObject = {
  thresholds: [{ max_connections: requestsMax, max_pending_requests: requestsMax, max_requests: requestsMax, max_retries: 10_000 }],
};
