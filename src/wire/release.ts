import { CREDENTIAL_HEADERS, METADATA, ROUTE_HEADER } from '../core/headers.ts';
import type { Decision } from '../pipeline/decide.ts';
import type { Attempt } from '../policy/order.ts';
import { BODY_BUFFERED, BODY_STREAMED, HEADERS_SEND, type ProcessingModeMessage, type ProcessingResponseMessage } from './messages.ts';
import { rawHeader } from './refusal.ts';
import { toStruct, type MetadataValue } from './struct.ts';

/**
 * Both body modes in every override: Envoy takes them literally, and one left out would turn that phase off.
 * Response phases are on from here only, so that a local reply of Envoy's opens no stream of its own.
 * STREAMED until the head of the answer was judged: what arrives of a body meanwhile then stops the reading. In BUFFERED mode
 * it is collected, and more of it than the listener's buffer holds is a 500 after the provider has billed.
 */
const streamResponse: ProcessingModeMessage = {
  response_header_mode: HEADERS_SEND,
  request_body_mode: BODY_BUFFERED,
  response_body_mode: BODY_STREAMED,
};
const bufferResponse: ProcessingModeMessage = { ...streamResponse, response_body_mode: BODY_BUFFERED };

/** Credentials end here at the latest; compressed answers could not be read by any later check. */
const alwaysRemoved: readonly string[] = [...CREDENTIAL_HEADERS, 'accept-encoding', 'expect'];

/** Goes on to the body, and leaves behind the headers that no provider gets (`unforwarded`, by name). */
export const continueToBody = (unforwarded: readonly string[] = []): ProcessingResponseMessage => ({
  request_headers: { response: { header_mutation: { remove_headers: [...alwaysRemoved, ...unforwarded] } } },
  mode_override: streamResponse,
});

/**
 * Releases the request to its first target; later attempts are fitted by the rewrite stage from the same metadata.
 * `exchangeId` is for Envoy's access log: the header that carried it is taken away before the provider.
 */
export function releaseRequest(decision: Decision, exchangeId = ''): ProcessingResponseMessage {
  const { first, body, attempts } = decision;
  return {
    request_body: {
      response: {
        clear_route_cache: true,
        header_mutation: {
          set_headers: [
            rawHeader(ROUTE_HEADER, decision.route),
            rawHeader(':path', first.path),
            rawHeader(':authority', first.authority),
            rawHeader('content-length', String(body.length)),
            ...retryHeaders(attempts.length),
          ],
        },
        body_mutation: { body },
      },
    },
    dynamic_metadata: toStruct({
      [METADATA.decision]: {
        allow: attempts.map((attempt) => attempt.cluster),
        operation: decision.operation,
        exchange: exchangeId,
        attempts: attempts.map(attemptFacts),
      },
      [METADATA.order]: {
        priority_groups: attempts.map((attempt, index) => ({
          name: `attempt-${String(index + 1)}`,
          clusters: [{ cluster_name: attempt.cluster, weight: 1 }],
        })),
      },
    }),
  };
}

const attemptFacts = (attempt: Attempt): { readonly [key: string]: MetadataValue } => ({
  cluster: attempt.cluster,
  model: attempt.model,
  path: attempt.path,
  authority: attempt.authority,
});

/** What a provider may have failed with so that the next target is asked. Before any byte of its answer went to the client. */
const failoverOn = 'connect-failure,refused-stream,reset-before-request,gateway-error,retriable-status-codes';
/** 529 is Anthropic's "overloaded". */
const failoverStatuses = '429,500,502,503,504,529';

/**
 * With one target only a connection that failed is tried again, once (the route's own policy). With several, each failure
 * of one leads to the next, and never to one that is not in this request's order.
 */
function retryHeaders(attempts: number): ReturnType<typeof rawHeader>[] {
  if (attempts === 1) {
    return [];
  }
  return [
    rawHeader('x-envoy-retry-on', failoverOn),
    rawHeader('x-envoy-retriable-status-codes', failoverStatuses),
    rawHeader('x-envoy-max-retries', String(attempts - 1)),
  ];
}

/** The answer needs no edit: passed on as it comes, each piece seen. */
export const passResponseHeaders = (streamed: boolean): ProcessingResponseMessage => ({
  response_headers: { response: {} },
  mode_override: streamed ? streamResponse : bufferResponse,
});

export const passResponseBody = (): ProcessingResponseMessage => ({ response_body: { response: {} } });

/** A body that came whole gets its length back: Envoy took it away when the answer might have been streamed. */
export const passResponseWhole = (bytes: number): ProcessingResponseMessage => ({
  response_body: { response: { header_mutation: { set_headers: [rawHeader('content-length', String(bytes))] } } },
});
