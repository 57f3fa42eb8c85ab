import { headerValues } from '../core/request.ts';
import type { AttemptEnd } from '../policy/attempt-end.ts';
import { decodeAttempts } from './decode-attempts.ts';
import type { HttpHeadersMessage, StructMessage } from './messages.ts';

/** What the head of an answer tells. */
export interface ResponseView {
  readonly status: number;
  /** The cluster that answered; undefined for an answer that Envoy made itself. */
  readonly provider: string | undefined;
  readonly attempts: number | undefined;
  /** Of the attempts before the last one, in their order. */
  readonly ends: readonly AttemptEnd[];
  /** Infinity where the answer does not say. */
  readonly contentLength: number;
  readonly contentType: string;
  /** '' where the answer names none. */
  readonly contentEncoding: string;
  /** Envoy's `response.code_details`: where the answer comes from, and of one that Envoy made why. */
  readonly details: string;
  readonly endOfStream: boolean;
}

/** `response.code_details` of an answer that came from a provider (Envoy's StreamInfo). */
const viaUpstream = 'via_upstream';

/** `noted` = what the filters of providers' clusters have noted of its attempts, where there was something to note. */
export function decodeResponse(
  message: HttpHeadersMessage,
  attributes: StructMessage | undefined,
  noted: StructMessage | undefined,
): ResponseView {
  const { headers } = message;
  const facts = attributes?.fields ?? {};
  const details = facts['response.code_details']?.stringValue ?? '';
  const fromProvider = details === viaUpstream;
  const attempts = facts['upstream.request_attempt_count']?.numberValue;
  return {
    status: Number(headerValues(headers, ':status')[0] ?? 0),
    provider: fromProvider ? facts['xds.cluster_name']?.stringValue : undefined,
    attempts,
    ends: decodeAttempts({ count: attempts ?? 0, isAnswered: fromProvider, noted }),
    contentLength: Number(headerValues(headers, 'content-length')[0] ?? Number.POSITIVE_INFINITY),
    contentType: headerValues(headers, 'content-type')[0] ?? '',
    contentEncoding: headerValues(headers, 'content-encoding').join(', '),
    details,
    endOfStream: message.end_of_stream,
  };
}
