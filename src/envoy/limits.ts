import type { Settings } from '../config/settings.ts';
import type { JsonObject } from './json.ts';

/**
 * Envoy's default of 1,024 requests per cluster would refuse the 1,025th open stream, on the provider's cluster and on the
 * sidecar's alike. `connectionsMax` at the edge is the limit that is meant.
 */
const requestsMax = 100_000;

export const highCircuitBreakers: JsonObject = {
  thresholds: [{ max_connections: requestsMax, max_pending_requests: requestsMax, max_requests: requestsMax, max_retries: 10_000 }],
};

/**
 * What is read from a provider at a time. While the head of an answer is with the sidecar, its body is held against the
 * listener's buffer, and over it the answer is a 500: in pieces as large as that buffer, one read was enough. No request
 * body is bounded by this.
 */
export const providerReadBytes = 262_144;

/** A target's name of the model may be longer than the client's: 256 characters at most, six bytes each as JSON. */
const renamingBytesMax = 2_048;

/**
 * A body of exactly `bodyMax`, fitted to its target, must fit every buffer on its way; `body_size_limit` is what bounds it. Where
 * `bodyMax` is small, one read of an answer must still fit. The buffer of an HTTP/1 request is the listener's; that of an HTTP/2
 * request is its stream's window, whatever the listener says.
 */
export const bufferBytes = (settings: Settings): number => Math.max(settings.edge.bodyMaxBytes + renamingBytesMax, 4 * providerReadBytes);
