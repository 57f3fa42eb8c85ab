import { reporter, warning, type Finding } from './finding.ts';
import { forwarding, virtualHostsOf, type Inspection } from './inspection.ts';
import type { Connection } from './model.ts';
import { at, isPresent, items, numberOf, type Place } from './place.ts';
import { TYPE } from './types.ts';

const envoyBufferBytes = 1_048_576;
const envoyWindowBytes = 16_777_216;

export const LIMITS = {
  'body-limit-missing': warning(
    'nothing refuses a body that is too large; add body_size_limit as the first filter',
    'A BUFFERED body a little over the buffer passes; one far over it hangs until the client gives up.',
  ),
  'body-limit-differs': warning(
    'the body limit of Envoy is not the bodyMax of the settings; render the configuration anew',
    'Sallyport takes gRPC messages for bodies up to bodyMax: a larger body is a 500, a smaller limit refuses what the settings allow.',
  ),
  'listener-buffer-small': warning(
    'the listener’s buffer is smaller than the body limit; set per_connection_buffer_limit_bytes to the body limit',
    'The default is 1 MiB. An answer over the buffer is a 500 after the provider has billed it; a request over it hangs.',
  ),
  'stream-window-small': warning(
    'the window of an HTTP/2 stream is smaller than the body limit; set initial_stream_window_size to the body limit',
    'It is the buffer of an HTTP/2 request, whatever the listener says: a body over it is a 413 or hangs.',
  ),
  'cluster-buffer-large': warning(
    'the cluster’s buffer is over 1 MiB; remove its per_connection_buffer_limit_bytes or set it to 1 MiB at most',
    'What an answer brings while its head is with the sidecar is held against the listener’s buffer: read in large pieces, it is a 500.',
  ),
  'route-buffer-small': warning(
    'a route’s buffer is smaller than the body limit; remove request_body_buffer_limit and per_request_buffer_limit_bytes',
    'A request over it fails or cannot be tried at a second target.',
  ),
} as const;

const find = reporter(LIMITS);

/** Do the limits on bodies fit one another: edge, buffers, routes, clusters, gRPC messages? */
export function* judgeLimits(inspection: Inspection): Generator<Finding> {
  const settingsBytes = inspection.settings?.edge.bodyMaxBytes;
  const connections = forwarding(inspection).map((connection) => ({ connection, limit: limitOf(connection) }));
  for (const { connection, limit } of connections) {
    const limitBytes = numberOf(limit) ?? 0;
    if (limitBytes === 0) {
      yield find('body-limit-missing', limit);
    } else if (settingsBytes !== undefined && settingsBytes !== limitBytes) {
      yield find('body-limit-differs', limit, `${String(limitBytes)} bytes, settings ${String(settingsBytes)}`);
    }
    yield* judgeConnection(connection, limitBytes);
  }
  for (const { place } of inspection.providers) {
    const buffer = at(place, 'per_connection_buffer_limit_bytes');
    if ((numberOf(buffer) ?? envoyBufferBytes) > envoyBufferBytes) {
      yield find('cluster-buffer-large', buffer);
    }
  }
}

function limitOf({ filters, hcm }: Connection): Place {
  const filter = filters.find(({ type }) => type === TYPE.bodyLimit);
  return filter === undefined ? at(hcm, 'http_filters', 'body_size_limit') : at(filter.config, 'max_request_bytes');
}

function* judgeConnection(connection: Connection, neededBytes: number): Generator<Finding> {
  const buffer = at(connection.listener, 'per_connection_buffer_limit_bytes');
  if ((numberOf(buffer) ?? envoyBufferBytes) < neededBytes) {
    yield find('listener-buffer-small', buffer);
  }
  const window = at(connection.hcm, 'http2_protocol_options', 'initial_stream_window_size');
  if ((numberOf(window) ?? envoyWindowBytes) < neededBytes) {
    yield find('stream-window-small', window);
  }
  const levels = virtualHostsOf(connection).flatMap((virtualHost) => [virtualHost, ...items(at(virtualHost, 'routes'))]);
  for (const level of levels) {
    for (const field of ['request_body_buffer_limit', 'per_request_buffer_limit_bytes']) {
      const limit = at(level, field);
      if (isPresent(limit) && (numberOf(limit) ?? 0) < neededBytes) {
        yield find('route-buffer-small', limit);
      }
    }
  }
}
