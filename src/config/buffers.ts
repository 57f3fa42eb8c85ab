import type { Settings } from './settings.ts';

/**
 * What Envoy reads from a provider at a time. While the head of an answer is with the sidecar, its body is held against the
 * listener's buffer, and over it the answer is a 500: in pieces as large as that buffer, one read was enough. No request body is
 * bounded by this.
 */
export const providerReadBytes = 262_144;

/** A target's name of the model may be longer than the client's: 256 characters at most, six bytes each as JSON. */
const renamingBytesMax = 2_048;

/**
 * Envoy's buffer of one exchange. A body of exactly `bodyMax`, fitted to its target, must fit (`body_size_limit` is what bounds it),
 * and where `bodyMax` is small, a few reads of an answer must.
 */
export const exchangeBufferBytes = (settings: Pick<Settings, 'edge'>): number =>
  Math.max(settings.edge.bodyMaxBytes + renamingBytesMax, 4 * providerReadBytes);

/** What was held comes in one gRPC message: a whole buffer, the reads that went over it, and everything else in the message. */
export const grpcMessageBytes = (settings: Pick<Settings, 'edge'>): number => exchangeBufferBytes(settings) + 4 * providerReadBytes;
