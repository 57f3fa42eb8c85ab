import { METADATA, ROUTE_HEADER } from '../core/headers.ts';
import { openMemo } from '../core/memo.ts';
import type { Decision } from '../pipeline/decide.ts';
import type { Attempt } from '../policy/order.ts';
import { putContentLength } from './content-length.ts';
import { encoderOf, fieldNumber } from './definitions.ts';
import { BackwardWriter } from './backward-writer.ts';
import { EncodedMessage } from './encoded.ts';
import type { CommonResponseMessage, HeaderMutationMessage, StructMessage } from './messages.ts';
import { rawHeader } from './refusal.ts';
import { endStructEntry, putEntry, toStruct, type MetadataValue } from './struct.ts';

const namespace = 'envoy.service.ext_proc.v3';
const encodeCommon: (message: CommonResponseMessage) => Buffer = encoderOf(`${namespace}.CommonResponse`);
const encodeHeaders: (message: HeaderMutationMessage) => Buffer = encoderOf(`${namespace}.HeaderMutation`);
const encodeStruct: (message: StructMessage) => Buffer = encoderOf('google.protobuf.Struct');

const FIELD = {
  requestBody: fieldNumber(`${namespace}.ProcessingResponse`, 'request_body'),
  metadata: fieldNumber(`${namespace}.ProcessingResponse`, 'dynamic_metadata'),
  response: fieldNumber(`${namespace}.BodyResponse`, 'response'),
  headers: fieldNumber(`${namespace}.CommonResponse`, 'header_mutation'),
  body: fieldNumber(`${namespace}.CommonResponse`, 'body_mutation'),
  bytes: fieldNumber(`${namespace}.BodyMutation`, 'body'),
} as const;

/** What follows from the order of targets alone, in bytes: the same for every request of an operation to them. */
interface EncodedOrder {
  /** A CommonResponse without headers and body. */
  readonly common: Buffer;
  /** Its HeaderMutation but for the length of the body. */
  readonly headers: Buffer;
  /** The decision's Struct but for the exchange. */
  readonly decision: Buffer;
  /** The metadata but for the decision. */
  readonly metadata: Buffer;
  /** Of all of them together. */
  readonly bytes: number;
}

/** Orders in use; a query that a client adds to the path makes another one. */
const ordersMax = 1_000;
const orders = openMemo<EncodedOrder>(ordersMax);

/** Tags and lengths, and the few words that are the same in every release. */
const framingBytesMax = 256;

/** What of a decision Envoy is told. */
export type Released = Omit<Decision, 'hold' | 'verdicts' | 'answer' | 'metering'>;

/**
 * Releases the request to its first target; later attempts are fitted by the rewrite stage from the same metadata.
 * `exchangeId` is for Envoy's access log: the header that carried it is taken away before the provider.
 */
export function releaseRequest(decision: Released, exchangeId: string): EncodedMessage {
  const { body, attempts, operation, route } = decision;
  const order = orders.get(JSON.stringify([route, operation, attempts]), () => encodeOrder(decision));
  const writer = new BackwardWriter(order.bytes + body.length + Buffer.byteLength(exchangeId) + framingBytesMax);
  putMetadata(writer, order, exchangeId);
  const { end } = writer;
  putBody(writer, body);
  putHeaders(writer, order, body.length);
  writer.put(order.common);
  writer.embed(FIELD.response, end);
  writer.embed(FIELD.requestBody, end);
  return new EncodedMessage(writer.written());
}

function putMetadata(writer: BackwardWriter, order: EncodedOrder, exchangeId: string): void {
  const { end } = writer;
  putEntry(writer, 'exchange', exchangeId);
  writer.put(order.decision);
  endStructEntry(writer, METADATA.decision, end);
  writer.put(order.metadata);
  writer.embed(FIELD.metadata, end);
}

function putBody(writer: BackwardWriter, body: Buffer): void {
  const { end } = writer;
  writer.put(body);
  writer.embed(FIELD.bytes, end);
  writer.embed(FIELD.body, end);
}

function putHeaders(writer: BackwardWriter, order: EncodedOrder, bodyBytes: number): void {
  const { end } = writer;
  putContentLength(writer, bodyBytes);
  writer.put(order.headers);
  writer.embed(FIELD.headers, end);
}

function encodeOrder(decision: Released): EncodedOrder {
  const parts = orderParts(decision);
  return { ...parts, bytes: Object.values(parts).reduce((sum, part) => sum + part.length, 0) };
}

const orderParts = ({ attempts, first, operation, route }: Released): Omit<EncodedOrder, 'bytes'> => ({
  common: encodeCommon({ clear_route_cache: true }),
  headers: encodeHeaders({
    set_headers: [
      rawHeader(ROUTE_HEADER, route),
      rawHeader(':path', first.path),
      rawHeader(':authority', first.authority),
      ...retryHeaders(attempts.length),
    ],
  }),
  decision: encodeStruct(toStruct({ allow: attempts.map((attempt) => attempt.cluster), operation, attempts: attempts.map(attemptFacts) })),
  metadata: encodeStruct(
    toStruct({
      [METADATA.order]: {
        priority_groups: attempts.map((attempt, index) => ({
          name: `attempt-${String(index + 1)}`,
          clusters: [{ cluster_name: attempt.cluster, weight: 1 }],
        })),
      },
    }),
  ),
});

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
