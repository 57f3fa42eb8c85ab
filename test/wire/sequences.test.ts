import { status as rpc } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTE_HEADER } from '../../src/core/headers.ts';
import type { ProcessingResponseMessage } from '../../src/wire/messages.ts';
import {
  chatBytes,
  chatHeaders,
  requestBody,
  requestHeaders,
  responseBody,
  responseHeaders,
  rewriteHeaders,
  trailers,
  type EnvoyRequest,
} from '../support/envoy-messages.ts';
import { openInProcess, type InProcess } from '../support/in-process.ts';
import { until } from '../support/wait.ts';

const runs = 200;

/** A message with what may follow from it. */
interface Sent {
  readonly message: EnvoyRequest;
  /** Headers of a request that may go on, or a whole body that may be released. */
  readonly role: 'opens' | 'decides' | 'other';
}

const other = (message: EnvoyRequest): Sent => ({ message, role: 'other' });
const withoutId = chatHeaders({ 'x-request-id': undefined });
const listing = chatHeaders({ ':method': 'GET', ':path': '/v1/models', authorization: 'Bearer KEY' });
const attempts = [
  { cluster: 'alpha', model: 'alpha-large' },
  { cluster: 'beta', model: 'beta-large' },
];

/** `KEY` stands for the virtual key, which is known only when the services are up. */
const SENT: readonly Sent[] = [
  { message: requestHeaders({ headers: chatHeaders({ authorization: 'Bearer KEY' }) }), role: 'opens' },
  { message: requestHeaders({ headers: chatHeaders({ 'x-api-key': 'KEY', ':path': '/v1/completions' }) }), role: 'opens' },
  other(requestHeaders()),
  other(requestHeaders({ headers: chatHeaders({ authorization: 'Bearer vk_test_x' }) })),
  other(requestHeaders({ headers: chatHeaders({ authorization: 'Bearer KEY', ':path': '/v1/files' }) })),
  other(requestHeaders({ headers: withoutId })),
  other(requestHeaders({ headers: listing, rest: { request_headers: { headers: { headers: listing }, end_of_stream: true } } })),
  other(requestHeaders({ headers: chatHeaders({ authorization: 'Bearer KEY' }), rest: { observability_mode: true } })),
  other(requestHeaders({ headers: chatHeaders({ authorization: 'Bearer KEY' }), rest: { protocol_config: { request_body_mode: 1 } } })),
  other(rewriteHeaders(attempts, 2)),
  { message: requestBody(), role: 'decides' },
  { message: requestBody(chatBytes('small')), role: 'decides' },
  { message: requestBody(Buffer.from('{"model":"small","prompt":"x","messages":[{}]}')), role: 'decides' },
  other(requestBody(chatBytes('unknown'))),
  other(requestBody(chatBytes(), false)),
  other(requestBody(Buffer.from('{"model":'))),
  other(requestBody(Buffer.alloc(0))),
  other(responseHeaders()),
  other(responseHeaders({ ':status': '401' }, true)),
  other(responseHeaders({ ':status': '503', 'content-length': '9000000' })),
  other(responseBody()),
  other(responseBody('{', false)),
  other(trailers('request_trailers')),
  other(trailers('response_trailers')),
  other({}),
];

/** Good beginnings are likely, so that runs reach every state. */
const sequence = fc
  .tuple(
    fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 3, arbitrary: fc.constant([0]) },
      { weight: 3, arbitrary: fc.constant([0, 10]) },
    ),
    fc.array(fc.nat(SENT.length - 1), { maxLength: 6 }),
  )
  .map(([start, rest]) => [...start, ...rest]);

const isRelease = (reply: ProcessingResponseMessage): boolean =>
  reply.request_body?.response.header_mutation?.set_headers?.some(({ header }) => header.key === ROUTE_HEADER) ?? false;

const kindOf = (message: object): string | undefined =>
  ['request_headers', 'request_body', 'response_headers', 'response_body'].find((kind) => Object.hasOwn(message, kind));

/** Nothing is owed after it: an answer of our own, or the reply to the end of an answer. */
const isLast = (reply: ProcessingResponseMessage | undefined, sent: EnvoyRequest | undefined): boolean =>
  reply?.immediate_response !== undefined || sent?.response_headers?.end_of_stream === true || sent?.response_body?.end_of_stream === true;

const withKey = (message: EnvoyRequest, key: string): EnvoyRequest => {
  const headers = message.request_headers?.headers?.headers;
  if (headers === undefined) {
    return message;
  }
  const replaced = headers.map(({ key: name = '', raw_value: value }) => ({
    key: name,
    raw_value: Buffer.from(value?.toString().replace('KEY', key) ?? ''),
  }));
  return { ...message, request_headers: { ...message.request_headers, headers: { headers: replaced } } };
};

/** Each reply is to its message or an answer of our own, and an orderly end comes when nothing is owed. */
function expectNoSurprise(sent: readonly EnvoyRequest[], replies: readonly ProcessingResponseMessage[], code: rpc): void {
  for (const [index, reply] of replies.entries()) {
    expect(reply.immediate_response === undefined ? kindOf(reply) : kindOf(sent[index] ?? {})).toBe(kindOf(sent[index] ?? {}));
  }
  if (code === rpc.OK && replies.length < sent.length) {
    expect(isLast(replies.at(-1), sent[replies.length - 1])).toBe(true);
  }
}

let services: InProcess;
beforeAll(async () => {
  services = await openInProcess();
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
});

describe('any sequence of messages', () => {
  it.each(['identify-and-decide', 'decide'])(
    'gets a reply each, or an end that refuses, and no release without a decision: %s',
    async (stage) => {
      await fc.assert(
        fc.asyncProperty(sequence, fc.boolean(), async (picks, halfClose) => {
          const sent = picks.flatMap((pick) => SENT[pick] ?? []);
          const messages = sent.map(({ message }) => withKey(message, services.key));
          // Without a half-close only a conversation that comes to its end by itself ends at all.
          const { replies, code } = await services.converse(services.metadata(stage), messages, halfClose || !willEnd(sent, stage));

          expectNoSurprise(messages, replies, code);
          const releases = replies.flatMap((reply, index) => (isRelease(reply) ? [index] : []));
          const mayRelease = stage !== 'decide' && sent[0]?.role === 'opens' && sent[1]?.role === 'decides';
          expect(mayRelease ? [[], [1]] : [[]]).toContainEqual(releases);
          if (code === rpc.OK && releases.length === 0) {
            // An answer that comes before any release is Envoy's own, to an upload that was too slow or too large.
            expect(replies.at(-1)?.immediate_response !== undefined || replies[1]?.response_headers !== undefined).toBe(true);
          }
        }),
        { numRuns: runs },
      );
      await until(() => services.open() === 0, { deadlineMs: 5_000, what: 'every exchange to be closed' });
    },
  );

  it('gets no fitted attempt from the rewrite stage but for an attempt and its whole body', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, async (picks) => {
        const sent = picks.flatMap((pick) => SENT[pick] ?? []);
        const { replies, code } = await services.converse(
          services.metadata('rewrite', 'beta'),
          sent.map(({ message }) => message),
        );
        const fitted = replies.findIndex((reply) => reply.request_body !== undefined);
        const opened = sent[fitted - 1]?.message.request_headers?.headers?.headers?.some(({ key }) => key === 'x-envoy-attempt-count');
        expect(fitted === -1 || opened === true).toBe(true);
        expect(code !== rpc.OK || fitted === replies.length - 1 || replies.at(-1)?.immediate_response !== undefined).toBe(true);
      }),
      { numRuns: runs },
    );
  });
});

/** The first message is refused or answered at once, so the stream ends whether or not this side does. */
function willEnd(sent: readonly Sent[], stage: string): boolean {
  const [first] = sent;
  return first !== undefined && (stage === 'decide' || first.role === 'other');
}

describe('any bytes', () => {
  it('get an error or a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          // The tag of a member of `request`, so that most of them are read as one.
          fc
            .tuple(fc.constantFrom(0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42, 0x4a), fc.uint8Array({ maxLength: 100 }))
            .map(([tag, bytes]) => Uint8Array.from([tag, bytes.length, ...bytes])),
        ),
        fc.constantFrom('identify-and-decide', 'decide', 'rewrite', 'none'),
        async (bytes, stage) => {
          const { replies, code } = await services.sendBytes(services.metadata(stage, 'beta'), Buffer.from(bytes));
          expect(replies.some((reply) => reply.immediate_response === undefined)).toBe(false);
          expect(code !== rpc.OK || replies.length === 1).toBe(true);
          expect(replies[0]?.immediate_response?.status.code ?? 500).toBeGreaterThanOrEqual(400);
        },
      ),
      { numRuns: runs },
    );
    await until(() => services.open() === 0, { deadlineMs: 5_000, what: 'every exchange to be closed' });
  });
});
