import { Buffer } from 'node:buffer';
import { status as rpc } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DEFAULT_BODY_LIMITS, judgeBody } from '../../src/policy/llm/body.ts';
import { METADATA, ROUTE_HEADER } from '../../src/core/headers.ts';
import type { ProcessingResponseMessage } from '../../src/wire/messages.ts';
import {
  chatBytes,
  chatHeaders,
  EXCHANGE_ID,
  requestBody,
  requestHeaders,
  responseBody,
  responseHeaders,
  rewriteHeaders,
  trailers,
  type EnvoyRequest,
} from '../support/envoy-messages.ts';
import { openInProcess, type Conversation, type InProcess } from '../support/in-process.ts';
import { until } from '../support/wait.ts';

const checkSchema = z.object({
  status: z.object({ code: z.number().default(0) }),
  ok_response: z.object({}).optional(),
  denied_response: z.object({ status: z.object({ code: z.number() }), body: z.string() }).optional(),
  dynamic_metadata: z.object({ fields: z.record(z.string(), z.object({ stringValue: z.string() })) }).optional(),
});

const routeOf = (reply: ProcessingResponseMessage): string | undefined =>
  reply.request_body?.response.header_mutation?.set_headers
    ?.find(({ header }) => header.key === ROUTE_HEADER)
    ?.header.raw_value?.toString();

const released = ({ replies }: Conversation): boolean => replies.some((reply) => routeOf(reply) !== undefined);

/** The status of a refusal: of HTTP where there is an answer of ours, else "error" for an error of gRPC. */
function refusalOf({ replies, code }: Conversation): number | 'error' | 'none' {
  const last = replies.at(-1)?.immediate_response;
  if (last !== undefined) {
    return last.status.code;
  }
  return code === rpc.OK ? 'none' : 'error';
}

let door: InProcess;
beforeAll(async () => {
  door = await openInProcess();
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});

const withKey = (): readonly ReturnType<typeof chatHeaders>[number][] => chatHeaders({ authorization: `Bearer ${door.key}` });
const check = async (request: unknown): Promise<z.infer<typeof checkSchema>> => checkSchema.parse(await door.check(request));
const checkRequest = (headers = withKey(), source = {}): object => ({
  attributes: {
    source,
    request: { http: { method: 'POST', path: '/v1/chat/completions', host: 'door.example', header_map: { headers } } },
  },
});
const sealOf = async (headers = withKey()): Promise<string> => {
  const { dynamic_metadata: metadata } = await check(checkRequest(headers));
  return metadata?.fields[METADATA.seal]?.stringValue ?? '';
};

/** The server has let go of everything, and still answers. */
const survives = async (): Promise<void> => {
  await until(() => door.open() === 0 && door.proc.open.count() === 0, { deadlineMs: 5_000, what: 'every exchange to be closed' });
  const good = await door.converse(door.metadata('identify-and-decide'), [requestHeaders({ headers: withKey() }), requestBody()]);
  expect(released(good)).toBe(true);
};

describe('a whole exchange', () => {
  it.each([
    ['with the caller sealed by Check', async () => ['decide', requestHeaders({ seal: await sealOf() })] as const],
    ['with the caller identified on the way', () => ['identify-and-decide', requestHeaders({ headers: withKey() })] as const],
  ])('%s', async (_what, first) => {
    const [stage, headers] = await first();
    const { replies, code } = await door.converse(door.metadata(stage), [headers, requestBody(), responseHeaders(), responseBody()]);
    expect(code).toBe(rpc.OK);
    expect(replies.map((reply) => Object.keys(reply).filter((name) => name !== 'response'))).toEqual([
      ['request_headers', 'mode_override'],
      ['request_body', 'dynamic_metadata'],
      ['response_headers', 'mode_override'],
      ['response_body'],
    ]);
    expect(replies[1]?.request_body?.response.body_mutation?.body.toString()).toBe(chatBytes('alpha-large').toString());
    expect(door.records.at(-1)).toMatchObject({ disposition: 'released', ending: 'complete', model: 'large', status: 200 });
  });

  it('ends with the answer where there is nothing to release', async () => {
    const headers = chatHeaders({
      ':method': 'GET',
      ':path': '/v1/models',
      authorization: `Bearer ${door.key}`,
      'content-type': undefined,
    });
    const first = requestHeaders({ headers, rest: { request_headers: { headers: { headers }, end_of_stream: true } } });
    const { replies, code } = await door.converse(door.metadata('identify-and-decide'), [first], false);
    expect(code).toBe(rpc.OK);
    expect(replies[0]?.immediate_response?.status.code).toBe(200);
    expect(replies).toHaveLength(1);
  });
});

describe('a conversation in another order is refused, and nothing is released', () => {
  const rows: readonly (readonly [string, (first: EnvoyRequest) => readonly EnvoyRequest[]])[] = [
    ['the body first', () => [requestBody()]],
    ['the body before the headers', (first) => [requestBody(), first]],
    ['the headers of an answer first', () => [responseHeaders()]],
    ['the body of an answer first', () => [responseBody()]],
    ['trailers only', () => [trailers('request_trailers')]],
    ['trailers of an answer only', () => [trailers('response_trailers')]],
    ['headers twice', (first) => [first, first]],
    ['headers, then the body of an answer', (first) => [first, responseBody()]],
    ['headers, then trailers', (first) => [first, trailers('request_trailers')]],
    ['headers, then an answer, then the body', (first) => [first, responseHeaders(), requestBody()]],
    ['a body that is not whole', (first) => [first, requestBody(chatBytes(), false)]],
    ['a body that is empty', (first) => [first, requestBody(Buffer.alloc(0))]],
    ['a message of no kind', () => [{}]],
    ['headers, then a message of no kind', (first) => [first, {}]],
  ];
  it.each(rows)('%s', async (_what, messages) => {
    const talk = await door.converse(door.metadata('identify-and-decide'), messages(requestHeaders({ headers: withKey() })));
    expect(released(talk)).toBe(false);
    expect(refusalOf(talk)).not.toBe('none');
    expect(refusalOf(talk)).not.toBe(200);
    await survives();
  });

  it('a second body after the release', async () => {
    const first = requestHeaders({ headers: withKey() });
    const talk = await door.converse(door.metadata('identify-and-decide'), [first, requestBody(), requestBody(chatBytes('small'))]);
    expect(talk.replies.filter((reply) => routeOf(reply) !== undefined)).toHaveLength(1);
    expect(refusalOf(talk)).toBe(503);
    await survives();
  });
});

describe('a conversation that breaks off before the decision is no release', () => {
  it.each<[string, () => readonly EnvoyRequest[]]>([
    ['without a word', () => []],
    ['after the headers', () => [requestHeaders({ headers: withKey() })]],
  ])('%s', async (_what, messages) => {
    const talk = await door.converse(door.metadata('identify-and-decide'), messages());
    expect(released(talk)).toBe(false);
    // An orderly end would let the request pass.
    expect(talk.code).not.toBe(rpc.OK);
    await survives();
  });

  it('in the rewrite stage', async () => {
    const attempts = [
      { cluster: 'alpha', model: 'a' },
      { cluster: 'beta', model: 'b' },
    ];
    const talk = await door.converse(door.metadata('rewrite', 'beta'), [rewriteHeaders(attempts, 2)]);
    expect(talk.code).not.toBe(rpc.OK);
    expect((await door.converse(door.metadata('rewrite', 'beta'), [])).code).not.toBe(rpc.OK);
  });
});

const config = (mode: number): Partial<EnvoyRequest> => ({ protocol_config: { request_body_mode: mode } });

describe('what Envoy is told to do differently is refused', () => {
  it.each<[string, Partial<EnvoyRequest>]>([
    ['a body that is streamed', config(1)],
    ['a body that is cut', config(3)],
    ['a body in full duplex', config(4)],
    ['a body in a mode of the future', config(9)],
    ['no body at all', config(0)],
    ['no word about the body', { protocol_config: {} }],
    ['a stage that only watches', { observability_mode: true }],
  ])('%s', async (_what, rest) => {
    for (const stage of ['identify-and-decide', 'decide']) {
      const first = requestHeaders({ headers: withKey(), seal: await sealOf(), rest });
      const talk = await door.converse(door.metadata(stage), [first, requestBody()]);
      expect(refusalOf(talk)).toBe(503);
      expect(released(talk)).toBe(false);
    }
    await survives();
  });

  it.each<[string, Partial<EnvoyRequest>]>([
    ['a rewrite without the body', config(0)],
    ['a rewrite of a part of the body', config(3)],
    ['a rewrite that only watches', { observability_mode: true }],
  ])('%s', async (_what, rest) => {
    const attempts = [
      { cluster: 'alpha', model: 'a' },
      { cluster: 'beta', model: 'b' },
    ];
    const talk = await door.converse(door.metadata('rewrite', 'beta'), [rewriteHeaders(attempts, 2, rest)]);
    expect(refusalOf(talk)).toBe(503);
  });

  it.each([
    ['no stage', ''],
    ['an unknown stage', 'watch'],
    ['a stage of ext_authz', 'check'],
  ])('%s', async (_what, stage) => {
    const talk = await door.converse(door.metadata(stage), [requestHeaders({ headers: withKey() }), requestBody()]);
    expect(talk).toEqual({ replies: [], code: rpc.UNAVAILABLE });
    await survives();
  });

  it('a configuration that names no provider as we know it', async () => {
    const metadata = door.metadata('identify-and-decide');
    metadata.set('x-sallyport-config', 'alpha=000000000000,beta');
    const talk = await door.converse(metadata, [requestHeaders({ headers: withKey() }), requestBody()]);
    expect(refusalOf(talk)).toBe(503);
    expect(released(talk)).toBe(false);
  });
});

const altered = (seal: string, at: number): string => `${seal.slice(0, at)}${seal.charAt(at) === 'A' ? 'B' : 'A'}${seal.slice(at + 1)}`;

describe('the caller that Check found', () => {
  it.each<[string, (seal: string) => EnvoyRequest]>([
    ['is missing', () => requestHeaders()],
    ['is empty', () => requestHeaders({ seal: '' })],
    ['was altered at its start', (seal) => requestHeaders({ seal: altered(seal, 0) })],
    ['was altered in the middle', (seal) => requestHeaders({ seal: altered(seal, Math.floor(seal.length / 2)) })],
    ['was altered at its end', (seal) => requestHeaders({ seal: altered(seal, seal.length - 2) })],
    ['has no proof', (seal) => requestHeaders({ seal: seal.split('.')[0] ?? '' })],
    ['was made for another exchange', (seal) => requestHeaders({ seal, headers: chatHeaders({ 'x-request-id': `${EXCHANGE_ID}0` }) })],
    [
      'is no text',
      () =>
        requestHeaders({
          rest: { metadata_context: { filter_metadata: { [METADATA.authz]: { fields: { [METADATA.seal]: { boolValue: true } } } } } },
        }),
    ],
    [
      'came under another name',
      (seal) =>
        requestHeaders({
          rest: { metadata_context: { filter_metadata: { [METADATA.decision]: { fields: { [METADATA.seal]: { stringValue: seal } } } } } },
        }),
    ],
    ['came for a request without an id', (seal) => requestHeaders({ seal, headers: chatHeaders({ 'x-request-id': undefined }) })],
    [
      'came for a request with two ids',
      (seal) => requestHeaders({ seal, headers: [...chatHeaders(), ...chatHeaders({ ':method': undefined }).slice(-2)] }),
    ],
  ])('%s', async (_what, message) => {
    const talk = await door.converse(door.metadata('decide'), [message(await sealOf()), requestBody()]);
    expect(refusalOf(talk)).toBe(503);
    expect(released(talk)).toBe(false);
    expect(door.records.at(-1)).toMatchObject({ disposition: 'faulted', caller: undefined });
  });
});

describe('Check', () => {
  it('allows with a seal and takes the credential away', async () => {
    const answer = await door.check(checkRequest());
    expect(answer).toMatchObject({ status: {}, http_response: 'ok_response' });
    expect(JSON.stringify(answer)).toContain('authorization');
    expect(JSON.stringify(answer)).not.toContain(door.key);
  });

  it.each<[string, () => unknown, number]>([
    ['nothing', () => ({}), 503],
    ['a request without headers', () => ({ attributes: { request: { http: {} } } }), 503],
    ['a request without an id', () => checkRequest(chatHeaders({ 'x-request-id': undefined })), 503],
    ['a request with an id and nothing else', () => checkRequest(chatHeaders({ ':method': undefined }).slice(-2)), 401],
    [
      'headers that are not raw',
      () =>
        checkRequest([
          { key: 'x-request-id', value: EXCHANGE_ID },
          { key: 'authorization', value: 'Bearer x' },
        ]),
      401,
    ],
    ['a certificate that is none', () => checkRequest(withKey(), { certificate: 'garbage', principal: 'spiffe://x' }), 503],
    ['a certificate in a broken encoding', () => checkRequest(withKey(), { certificate: '%E0%A4%A', principal: 'spiffe://x' }), 503],
    ['a principal without a certificate', () => checkRequest(chatHeaders(), { principal: 'spiffe://x' }), 401],
  ])('refuses %s', async (_what, request, status) => {
    const answer = await check(request());
    expect(answer.status.code).not.toBe(0);
    expect(answer.ok_response).toBeUndefined();
    expect(answer.denied_response?.status.code).toBe(status);
  });

  it('answers garbage with an error', async () => {
    await expect(door.check(Buffer.from('ffffffffff', 'hex'))).rejects.toMatchObject({ code: rpc.INTERNAL });
    expect((await check(checkRequest())).ok_response).toBeDefined();
  });
});

describe('the rewrite stage', () => {
  const attempts = [
    { cluster: 'alpha', model: 'alpha-large' },
    { cluster: 'beta', model: 'beta-large' },
  ];

  it('fits the second attempt to its target, and ends', async () => {
    const messages = [rewriteHeaders(attempts, 2), requestBody(chatBytes('alpha-large'))];
    const { replies, code } = await door.converse(door.metadata('rewrite', 'beta'), messages, false);
    expect(code).toBe(rpc.OK);
    expect(replies[1]?.request_body?.response.body_mutation?.body.toString()).toBe(chatBytes('beta-large').toString());
  });

  it.each<[string, string, () => readonly EnvoyRequest[]]>([
    ['a body first', 'beta', () => [requestBody()]],
    ['the answer', 'beta', () => [responseHeaders()]],
    ['trailers', 'beta', () => [trailers('request_trailers')]],
    ['a message of no kind', 'beta', () => [{}]],
    ['the attempt of another target', 'alpha', () => [rewriteHeaders(attempts, 2)]],
    ['a target that was not ordered', 'gamma', () => [rewriteHeaders(attempts, 2)]],
    ['attempt 0', 'alpha', () => [rewriteHeaders(attempts, 0)]],
    ['attempt 1.5', 'alpha', () => [rewriteHeaders(attempts, 1.5)]],
    ['attempt NaN', 'alpha', () => [rewriteHeaders(attempts, Number.NaN)]],
    ['no order', 'beta', () => [rewriteHeaders([], 2)]],
    ['no decision', 'beta', () => [requestHeaders({ headers: chatHeaders({ 'x-envoy-attempt-count': '2' }) })]],
    ['a body that is not whole', 'beta', () => [rewriteHeaders(attempts, 2), requestBody(chatBytes(), false)]],
    ['a body that is no JSON', 'beta', () => [rewriteHeaders(attempts, 2), requestBody(Buffer.from('{'))]],
  ])('refuses %s', async (_what, target, messages) => {
    const talk = await door.converse(door.metadata('rewrite', target), messages());
    expect(refusalOf(talk)).toBeGreaterThanOrEqual(400);
    expect(talk.replies.some((reply) => reply.request_body !== undefined)).toBe(false);
  });
});

describe('a peer that does not keep to the protocol', () => {
  it.each([
    ['bytes that are no message', Buffer.from('ff'.repeat(32), 'hex')],
    ['a length beyond the end', Buffer.from('12ffffffff0f', 'hex')],
    ['a group that never ends', Buffer.from('0b'.repeat(64), 'hex')],
    ['a field of another type', Buffer.from('1001', 'hex')],
    ['nested far too deep', Buffer.concat(Array.from({ length: 1_000 }, () => Buffer.from('12ff01', 'hex')))],
    ['more than fits', Buffer.alloc(4 * 1_024 * 1_024)],
    ['nothing', Buffer.alloc(0)],
  ])('gets an error or a refusal for %s', async (_what, bytes) => {
    for (const stage of ['identify-and-decide', 'decide', 'rewrite']) {
      const talk = await door.sendBytes(door.metadata(stage, 'beta'), bytes);
      expect(released(talk)).toBe(false);
      expect(refusalOf(talk)).not.toBe('none');
    }
    await survives();
  });

  it('may leave a thousand streams half open', async () => {
    const streams = Array.from({ length: 1_000 }, (_, index) => {
      const stream = door.process(door.metadata('identify-and-decide'));
      stream.on('error', () => undefined);
      if (index % 2 === 0) {
        stream.write(requestHeaders({ headers: withKey() }));
      }
      return stream;
    });
    await until(() => door.proc.open.count() === 1_000, { deadlineMs: 20_000, what: 'a thousand open streams' });
    const good = await door.converse(door.metadata('identify-and-decide'), [requestHeaders({ headers: withKey() }), requestBody()]);
    expect(released(good)).toBe(true);
    for (const stream of streams) {
      stream.cancel();
    }
    await survives();
  });
});

describe('an exchange that is cut while it is being decided', () => {
  it('gets no release afterwards, and the server survives', async () => {
    const { promise: released_, resolve: release } = Promise.withResolvers<undefined>();
    let asked = 0;
    await using slow = await openInProcess({
      judgeBody: async (endpoint, bytes) => {
        asked += 1;
        await released_;
        return judgeBody(endpoint, bytes, DEFAULT_BODY_LIMITS);
      },
    });
    const metadata = slow.metadata('identify-and-decide');
    const headers = chatHeaders({ authorization: `Bearer ${slow.key}` });
    const talk = slow.converse(metadata, [requestHeaders({ headers }), requestBody()], false);
    await until(() => asked === 1, { deadlineMs: 5_000, what: 'the body to be judged' });
    expect(slow.proc.open.abort(({ client }) => client === 'app')).toBe(1);
    release(undefined);
    const ended = await talk;
    expect(ended.code).toBe(rpc.UNAVAILABLE);
    expect(released(ended)).toBe(false);
    expect(slow.records).toMatchObject([{ disposition: 'abandoned', caller: { client: 'app' } }]);
    expect(released(await slow.converse(metadata, [requestHeaders({ headers }), requestBody()]))).toBe(true);
  });
});
