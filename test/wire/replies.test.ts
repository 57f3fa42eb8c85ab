import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DENIALS, type DenialCode } from '../../src/core/denials.ts';
import { CREDENTIAL_HEADERS, METADATA, ROUTE_HEADER } from '../../src/core/headers.ts';

import { OPERATIONS } from '../../src/core/operation.ts';
import { deny, fault } from '../../src/core/outcome.ts';
import { encodeGenericSecret } from '../../src/wire/definitions.ts';
import { AUTHORIZATION, EXTERNAL_PROCESSOR, SECRET_DISCOVERY } from '../../src/wire/services.ts';
import { BODY_BUFFERED, BODY_STREAMED, HEADERS_SEND, OVERWRITE_OR_ADD } from '../../src/wire/messages.ts';
import { answerProcessing, refusalOf, refuseCheck, refuseProcessing } from '../../src/wire/refusal.ts';
import {
  continueToBody,
  passResponseBody,
  passResponseHeaders,
  passResponseWhole,
  replaceResponseBody,
  editResponseHeaders,
} from '../../src/wire/pass.ts';
import { releaseRequest, type Released } from '../../src/wire/release.ts';
import { toStruct, type MetadataValue } from '../../src/wire/struct.ts';

type Service = Readonly<
  Record<string, { readonly responseSerialize: (value: object) => Buffer; readonly responseDeserialize: (bytes: Buffer) => unknown }>
>;

const roundTrip = (service: Service, method: string, message: object): unknown => {
  const found = service[method];
  if (found === undefined) {
    throw new Error(`no method ${method}`);
  }
  return found.responseDeserialize(found.responseSerialize(message));
};
const asCheck = (message: object): unknown => roundTrip(AUTHORIZATION, 'Check', message);
const asProcessing = (message: object): unknown => roundTrip(EXTERNAL_PROCESSOR, 'Process', message);

/** Names that the decoder adds to say which member of a oneof is set. */
const ONEOF_NAMES: ReadonlySet<string> = new Set(['response', 'http_response', 'mutation', 'kind']);

/** A message as the wire can tell it: without what the decoder adds, and without zeros and empty lists, which are not sent. */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) {
    return value.toString('latin1');
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => !(ONEOF_NAMES.has(name) && typeof member === 'string'))
      .map(([name, member]): [string, unknown] => [name, plain(member)])
      .filter(([, member]) => member !== 0 && member !== '' && member !== false && member !== undefined && !isEmptyList(member)),
  );
}
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Every value under this name, however deep. */
function everyValue(message: unknown, name: string): readonly unknown[] {
  return entriesOf(message).flatMap(([key, value]) => [...(key === name ? [value] : []), ...everyValue(value, name)]);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? Object.entries(value) : [];
}

const attempt = fc.record({
  cluster: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/),
  model: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }),
  path: fc.stringMatching(/^\/[\x21-\x7e]{1,64}$/),
  authority: fc.stringMatching(/^[a-z0-9.:-]{1,64}$/),
});
const decision = fc
  .record({
    model: fc.string({ unit: 'grapheme', minLength: 1 }),
    operation: fc.constantFrom(...OPERATIONS),
    first: attempt,
    others: fc.array(attempt, { maxLength: 7 }),
    route: fc.stringMatching(/^model-\d{1,9}$/),
    body: fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
  })
  .map(({ others, ...rest }) => ({ ...rest, attempts: [rest.first, ...others], body: Buffer.from(rest.body) }));

const setHeader = (key: string, value: string): object => ({ header: { key, raw_value: value }, append_action: OVERWRITE_OR_ADD });

/** What a release says, written out: Envoy's fields, and ours in its metadata. */
function releaseOf(decided: Released, exchangeId: string): object {
  const others = decided.attempts.length - 1;
  const retries = [
    setHeader('x-envoy-retry-on', 'connect-failure,refused-stream,reset-before-request,gateway-error,retriable-status-codes'),
    setHeader('x-envoy-retriable-status-codes', '429,500,502,503,504,529'),
    setHeader('x-envoy-max-retries', String(others)),
  ];
  const headers = [
    setHeader(ROUTE_HEADER, decided.route),
    setHeader(':path', decided.first.path),
    setHeader(':authority', decided.first.authority),
    ...(others === 0 ? [] : retries),
    setHeader('content-length', String(decided.body.length)),
  ];
  return {
    request_body: {
      response: { clear_route_cache: true, header_mutation: { set_headers: headers }, body_mutation: { body: decided.body } },
    },
    dynamic_metadata: toStruct({
      [METADATA.order]: {
        priority_groups: decided.attempts.map(({ cluster }, index) => ({
          name: `attempt-${String(index + 1)}`,
          clusters: [{ cluster_name: cluster, weight: 1 }],
        })),
      },
      [METADATA.decision]: {
        allow: decided.attempts.map(({ cluster }) => cluster),
        operation: decided.operation,
        attempts: decided.attempts.map(({ cluster, model, path, authority }) => ({ cluster, model, path, authority })),
        exchange: exchangeId,
      },
    }),
  };
}

const codes = Object.keys(DENIALS).filter((code): code is DenialCode => code in DENIALS);
const paths = ['/v1/chat/completions', '/v1/messages', '/', ''];
const refusals = [...codes.map((code) => deny(code, 'a detail', 'what it is about')), fault('a step', 'internal', 'a detail')].flatMap(
  (outcome) => paths.map((path) => refusalOf(outcome, { path, exchangeId: 'an exchange' })),
);

const answerIn = (response_body_mode: number): object => ({
  response_headers: { response: {} },
  mode_override: { response_header_mode: HEADERS_SEND, request_body_mode: BODY_BUFFERED, response_body_mode },
});

describe('no reply loses anything on the wire', () => {
  it.each(refusals)('refusal $status $code', (refusal) => {
    const check = refuseCheck(refusal);
    expect(plain(asCheck(check))).toEqual(plain(check));
    const processing = refuseProcessing(refusal);
    expect(plain(asProcessing(processing))).toEqual(plain(processing));
  });

  it('answers of our own', () => {
    const message = answerProcessing(200, 'answered', '{"data":["ä€😀"]}', [['x-request-id', 'an exchange']]);
    expect(plain(asProcessing(message))).toEqual(plain(message));
  });

  it('what is passed on', () => {
    const removed = [...CREDENTIAL_HEADERS, 'accept-encoding', 'expect'];
    const toBody = (...more: readonly string[]): object => ({
      request_headers: { response: { header_mutation: { remove_headers: [...removed, ...more] } } },
      mode_override: { response_header_mode: HEADERS_SEND, request_body_mode: BODY_BUFFERED, response_body_mode: BODY_STREAMED },
    });
    expect(plain(asProcessing(continueToBody()))).toEqual(toBody());
    expect(plain(asProcessing(continueToBody(['x-tag', 'expect', 'cookie'])))).toEqual(toBody('x-tag', 'cookie'));
    expect(plain(asProcessing(passResponseHeaders(true)))).toEqual(answerIn(BODY_STREAMED));
    expect(plain(asProcessing(passResponseHeaders(false)))).toEqual(answerIn(BODY_BUFFERED));
    expect(plain(asProcessing(passResponseBody()))).toEqual({ response_body: { response: {} } });
    for (const bytes of [0, 4_711, Number.MAX_SAFE_INTEGER]) {
      expect(plain(asProcessing(passResponseWhole(bytes)))).toEqual({
        response_body: { response: { header_mutation: { set_headers: [setHeader('content-length', String(bytes))] } } },
      });
    }
  });

  const ofOldBytes = ['content-length', 'etag', 'content-md5', 'digest', 'content-digest', 'repr-digest'];

  it.each([0, 1, 127, 128, 70_000])('%i other bytes of an answer', (length) => {
    const body = Buffer.alloc(length, 'ä');
    expect(plain(asProcessing(replaceResponseBody(body)))).toEqual(plain({ response_body: { response: { body_mutation: { body } } } }));
    expect(plain(asProcessing(editResponseHeaders()))).toEqual({
      response_headers: { response: { header_mutation: { remove_headers: ofOldBytes } } },
      mode_override: { response_header_mode: HEADERS_SEND, request_body_mode: BODY_BUFFERED, response_body_mode: BODY_STREAMED },
    });
  });

  it('releases, whatever was decided', () => {
    fc.assert(
      fc.property(decision, fc.uuid(), (decided, exchangeId) => {
        expect(plain(asProcessing(releaseRequest(decided, exchangeId)))).toEqual(plain(releaseOf(decided, exchangeId)));
      }),
    );
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 2_097_152])('a release with a body of %i bytes', (bytes) => {
    for (const decided of fc.sample(decision, 3)) {
      const large = { ...decided, body: Buffer.alloc(bytes, 'ä') };
      const decoded = asProcessing(releaseRequest(large, 'an exchange'));
      expect(plain(decoded)).toEqual(plain(releaseOf(large, 'an exchange')));
    }
  });

  it('metadata, whatever is in it', () => {
    const name = fc.stringMatching(/^[a-z.]{1,20}$/);
    const { value } = fc.letrec<{ value: MetadataValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, value), (object) => {
        const sent = { request_headers: { response: {} }, dynamic_metadata: toStruct(object) };
        expect(fromStruct(everyValue(asProcessing(sent), 'dynamic_metadata')[0])).toEqual({ ...object });
      }),
    );
  });

  it('secrets over SDS', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9-]{1,63}$/), fc.stringMatching(/^[\x21-\x7e]{0,200}$/), (name, secret) => {
        const type = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';
        const response = {
          version_info: 'a-1',
          nonce: '1',
          type_url: type,
          resources: [{ type_url: type, value: encodeGenericSecret(name, secret) }],
        };
        expect(plain(roundTrip(SECRET_DISCOVERY, 'StreamSecrets', response))).toEqual(plain(response));
        expect(encodeGenericSecret(name, secret).includes(secret)).toBe(true);
      }),
    );
  });
});

describe('no reply leaves to Envoy what must be said', () => {
  const checks = refusals.map((refusal) => refuseCheck(refusal)).map(asCheck);
  const processings = [
    ...refusals.map((refusal) => refuseProcessing(refusal)),
    answerProcessing(200, 'answered', '{}', []),
    continueToBody(),
    passResponseHeaders(true),
    passResponseHeaders(false),
    passResponseBody(),
    passResponseWhole(4_711),
    ...fc.sample(decision, 20).map((decided) => releaseRequest(decided, 'an exchange')),
  ].map(asProcessing);

  it('a refusal of Check has a status that is not OK, and the status of HTTP', () => {
    for (const message of checks) {
      expect(message).toMatchObject({ status: { code: 16 }, http_response: 'denied_response' });
      expect(message).not.toHaveProperty('ok_response');
      const [code] = everyValue(everyValue(message, 'denied_response')[0], 'code');
      expect(code).toBeGreaterThanOrEqual(400);
    }
  });

  it('an answer of our own has a status', () => {
    const immediate = processings.flatMap((message) => everyValue(message, 'immediate_response'));
    expect(immediate.length).toBe(refusals.length + 1);
    for (const answer of immediate) {
      const [status] = everyValue(everyValue(answer, 'status')[0], 'code');
      expect(status).toBeGreaterThanOrEqual(200);
    }
  });

  it('an override says both body modes and sends response headers', () => {
    const overrides = processings.flatMap((message) => everyValue(message, 'mode_override'));
    expect(overrides).toHaveLength(3);
    for (const override of overrides) {
      expect(override).toMatchObject({ request_body_mode: BODY_BUFFERED, response_header_mode: HEADERS_SEND });
      expect([BODY_BUFFERED, BODY_STREAMED]).toContain(everyValue(override, 'response_body_mode')[0]);
    }
  });

  it('a header is overwritten, never appended, in the one field that its receiver reads', () => {
    const inChecks = checks.flatMap((message) => everyValue(message, 'headers')).flat();
    const inProcessing = processings.flatMap((message) => everyValue(message, 'set_headers')).flat();
    expect(inChecks.length).toBeGreaterThan(0);
    expect(inProcessing.length).toBeGreaterThan(100);
    for (const option of [...inChecks, ...inProcessing]) {
      expect(option).toMatchObject({ append_action: OVERWRITE_OR_ADD });
    }
    for (const header of inChecks.flatMap((option) => everyValue(option, 'header'))) {
      expect(header).toHaveProperty('value');
      expect(header).not.toHaveProperty('raw_value');
    }
    for (const header of inProcessing.flatMap((option) => everyValue(option, 'header'))) {
      expect(header).toHaveProperty('raw_value');
      expect(header).not.toHaveProperty('value');
    }
  });

  it('a release names route, path, host and length, and the clusters that may be called, in order', () => {
    fc.assert(
      fc.property(decision, (decided) => {
        const message = asProcessing(releaseRequest(decided, 'an exchange'));
        const headers = new Map(
          everyValue(message, 'header').map((header) => [everyValue(header, 'key')[0], String(everyValue(header, 'raw_value')[0])]),
        );
        expect(headers.get(ROUTE_HEADER)).toBe(decided.route);
        expect(headers.get(':path')).toBe(decided.first.path);
        expect(headers.get(':authority')).toBe(decided.first.authority);
        expect(headers.get('content-length')).toBe(String(decided.body.length));
        const metadata = fromStruct(everyValue(message, 'dynamic_metadata')[0]);
        const clusters = decided.attempts.map(({ cluster }) => cluster);
        expect(metadata).toMatchObject({ [METADATA.decision]: { allow: clusters } });
        expect(everyValue(metadata, 'cluster_name')).toEqual(clusters);
      }),
    );
  });

  it('what goes on to the body carries no credential', () => {
    const [removed] = everyValue(asProcessing(continueToBody(['x-tag'])), 'remove_headers');
    expect(removed).toEqual(expect.arrayContaining([...CREDENTIAL_HEADERS, 'x-tag']));
  });
});

/** A decoded Struct as the value it stands for. */
const fromStruct = (struct: unknown): unknown =>
  Object.fromEntries(entriesOf(own(struct, 'fields')).map(([name, value]) => [name, fromValue(value)]));

function fromValue(value: unknown): unknown {
  const kind = own(value, 'kind');
  switch (kind) {
    case 'stringValue':
    case 'numberValue':
      return own(value, kind);
    case 'structValue':
      return fromStruct(own(value, kind));
    case 'listValue':
      return entriesOf(own(own(value, kind), 'values')).map(([, element]) => fromValue(element));
    default:
      return { unknown: kind };
  }
}

const own = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
