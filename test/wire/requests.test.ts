import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { service } from '../../src/wire/definitions.ts';
import type { StructMessage, ValueMessage } from '../../src/wire/messages.ts';
import { readCheckRequest } from '../../src/wire/read-check.ts';
import { readProcessingRequest } from '../../src/wire/read-processing.ts';
import type { EnvoyRequest, HeaderValueMessage } from '../support/envoy-messages.ts';

function encoderOf(name: string, method: string): (message: object) => Buffer {
  const found = service(name)[method];
  if (found === undefined) {
    throw new Error(`no method ${method}`);
  }
  return (message) => found.requestSerialize(message);
}
const encodeProcessing = encoderOf('envoy.service.ext_proc.v3.ExternalProcessor', 'Process');
const encodeCheck = encoderOf('envoy.service.auth.v3.Authorization', 'Check');

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', '__proto__', 'x'.repeat(127), 'x'.repeat(128), 'ä'.repeat(9_000)),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, 200_000).map((length) => Buffer.alloc(length, 0xe9)),
);
const header: fc.Arbitrary<HeaderValueMessage> = fc.record({ key: text, value: text, raw_value: bytes }, { requiredKeys: [] });
const headerMap = fc.record({ headers: fc.array(header, { maxLength: 8 }) }, { requiredKeys: [] });
const headers = fc.record({ headers: headerMap, end_of_stream: fc.boolean() }, { requiredKeys: [] });
const body = fc.record({ body: bytes, end_of_stream: fc.boolean() }, { requiredKeys: [] });
const { struct } = fc.letrec<{ readonly struct: StructMessage; readonly value: ValueMessage }>((tie) => ({
  struct: fc.dictionary(text, tie('value'), { maxKeys: 3 }).map((fields) => ({ fields })),
  value: fc.oneof(
    { maxDepth: 3 },
    text.map((stringValue) => ({ stringValue })),
    fc.double().map((numberValue) => ({ numberValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    tie('struct').map((structValue) => ({ structValue })),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ listValue: { values } })),
  ),
}));
const mode = fc.constantFrom(0, 1, 2, 3, 4, -1);
const rest = fc.record(
  {
    metadata_context: fc.record({ filter_metadata: fc.dictionary(text, struct, { maxKeys: 3 }) }),
    attributes: fc.dictionary(text, struct, { maxKeys: 3 }),
    observability_mode: fc.boolean(),
    protocol_config: fc.record({ request_body_mode: mode, response_body_mode: mode }),
  },
  { requiredKeys: [] },
);
const subject: fc.Arbitrary<EnvoyRequest> = fc.oneof(
  fc.constant({}),
  headers.map((request_headers) => ({ request_headers })),
  headers.map((response_headers) => ({ response_headers })),
  body.map((request_body) => ({ request_body })),
  body.map((response_body) => ({ response_body })),
  headerMap.map((trailers) => ({ request_trailers: { trailers } })),
  headerMap.map((trailers) => ({ response_trailers: { trailers } })),
);
const request = fc.tuple(subject, rest).map(([about, others]): EnvoyRequest => ({ ...about, ...others }));

const headersOf = (map: { readonly headers?: readonly HeaderValueMessage[] } | undefined): object[] =>
  (map?.headers ?? []).map(({ key = '', value = '', raw_value: raw }) => ({
    name: key,
    value: raw === undefined || raw.length === 0 ? value : raw.toString('latin1'),
  }));

/** What must be read of a message that was sent. */
function readingOf(sent: EnvoyRequest): object {
  const [kind] = Object.keys(sent).filter((name) => /^re(?:quest|sponse)_/u.test(name));
  const about = { ...sent.request_headers, ...sent.response_headers, ...sent.request_body, ...sent.response_body };
  const isEnd = about.end_of_stream ?? false;
  return {
    ...(kind === undefined ? {} : { request: kind }),
    ...(kind?.endsWith('_headers') === true ? { [kind]: { headers: headersOf(about.headers), end_of_stream: isEnd } } : {}),
    // An empty body is not sent, and neither is one that is not there.
    ...(kind?.endsWith('_body') === true ? { [kind]: { body: about.body, end_of_stream: isEnd } } : {}),
    observability_mode: sent.observability_mode ?? false,
  };
}

/** A negative enum is ten bytes long; it is read as the positive number that these bytes are. */
const unsigned = (value: number): number => Number(BigInt.asUintN(64, BigInt(value)));

describe('a message of ext_proc', () => {
  it('is read as it was sent', () => {
    fc.assert(
      fc.property(request, (sent) => {
        const { metadata_context, attributes, protocol_config, ...read } = readProcessingRequest(encodeProcessing(sent));
        expect(read).toEqual(readingOf(sent));
        expect(metadata_context).toEqual(sent.metadata_context);
        expect(attributes ?? {}).toEqual(sent.attributes ?? {});
        expect(protocol_config?.request_body_mode ?? 0).toBe(unsigned(sent.protocol_config?.request_body_mode ?? 0));
      }),
    );
  });

  it('with a name that objects have already is read as any other', () => {
    const fields = { ['__proto__']: { stringValue: 'a' }, constructor: { stringValue: 'b' } };
    const read = readProcessingRequest(encodeProcessing({ attributes: { ['__proto__']: { fields } } }));
    const [attributes] = Object.values(read.attributes ?? {});
    expect(Object.entries(attributes?.fields ?? {})).toEqual(Object.entries(fields));
  });

  it('of two subjects has the last one', () => {
    const first = encodeProcessing({ request_headers: { headers: { headers: [{ key: ':path', raw_value: Buffer.from('/') }] } } });
    const second = encodeProcessing({ request_body: { body: Buffer.from('{}'), end_of_stream: true } });
    const read = readProcessingRequest(Buffer.concat([first, second]));
    expect(read).toMatchObject({ request: 'request_body', request_body: { body: Buffer.from('{}'), end_of_stream: true } });
    expect(read).not.toHaveProperty('request_headers');
  });

  it('cut anywhere is either a shorter message or none', () => {
    const whole = encodeProcessing({
      request_headers: { headers: { headers: [{ key: 'a', raw_value: Buffer.from('b') }] }, end_of_stream: true },
      attributes: { ns: { fields: { name: { stringValue: 'value' } } } },
      protocol_config: { request_body_mode: 2 },
    });
    const lengths = Array.from(whole.keys(), (length) => outcomeOf(() => readProcessingRequest(whole.subarray(0, length))));
    expect(lengths).toContain('none');
    expect(lengths).toContain('read');
  });
});

describe('a message of ext_authz', () => {
  const http = fc.record(
    { method: text, path: text, host: text, header_map: headerMap, size: fc.nat(), protocol: text },
    { requiredKeys: [] },
  );
  const source = fc.record({ principal: text, certificate: text }, { requiredKeys: [] });

  it('is read as it was sent', () => {
    fc.assert(
      fc.property(fc.option(http, { nil: undefined }), fc.option(source, { nil: undefined }), (sentHttp, sentSource) => {
        const sent = { attributes: { source: sentSource, request: sentHttp && { http: sentHttp } } };
        expect(readCheckRequest(encodeCheck(sent))).toEqual({
          source: sentSource && { principal: '', certificate: '', ...sentSource },
          http: sentHttp && {
            method: sentHttp.method ?? '',
            path: sentHttp.path ?? '',
            host: sentHttp.host ?? '',
            headers: headersOf(sentHttp.header_map),
          },
        });
      }),
    );
  });
});

describe('bytes that may be no message', () => {
  const reads = [readProcessingRequest, readCheckRequest];

  it('are read or refused, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (array) => {
        for (const read of reads) {
          expect(['read', 'none']).toContain(outcomeOf(() => read(Buffer.from(array))));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('are read or refused where a good message was altered', () => {
    fc.assert(
      fc.property(request, fc.nat(), fc.integer({ min: 0, max: 255 }), (sent, place, byte) => {
        const altered = Buffer.from(encodeProcessing(sent));
        if (altered.length > 0) {
          altered[place % altered.length] = byte;
        }
        expect(['read', 'none']).toContain(outcomeOf(() => readProcessingRequest(altered)));
      }),
    );
  });

  it.each<[string, readonly number[]]>([
    ['a field number of zero', [0x02, 0x00]],
    ['a field number over 29 bits', [0x82, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00]],
    ['a group', [0x13, 0x14]],
    ['an unknown wire type', [0x16, 0x00]],
    ['a number of eleven bytes', [0x50, ...Array.from({ length: 10 }, () => 0x80), 0x00]],
    ['a number that goes on behind the end', [0x50, 0x80]],
    ['a length behind the end', [0x22, 0x05, 0x0a]],
    ['a length of 2^63', [0x22, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
    ['headers that are a number', [0x10, 0x01]],
    ['a flag that is a text', [0x52, 0x01, 0x01]],
    ['a message that ends behind the one around it', [0x12, 0x02, 0x0a, 0x05, 0x0a, 0x03, 0x0a, 0x01, 0x61]],
    ['half a fixed number', [0x61, 0x00, 0x00]],
  ])('%s is none', (_name, array) => {
    expect(() => readProcessingRequest(Buffer.from(array))).toThrow(RangeError);
  });

  it('fields that are not known are passed over', () => {
    const unknown = Buffer.from([
      0xa0, 0x06, 0x96, 0x01, 0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xa2, 0x06, 0x01, 0x61, 0xa5, 0x06, 1, 2, 3, 4,
    ]);
    const known = encodeProcessing({ response_body: { end_of_stream: true } });
    expect(readProcessingRequest(Buffer.concat([unknown, known, unknown]))).toMatchObject({
      request: 'response_body',
      response_body: { end_of_stream: true },
    });
  });

  it('a flag is set by any number but zero, however long', () => {
    const negative = Buffer.from([0x50, ...Array.from({ length: 9 }, () => 0xff), 0x01]);
    expect(readProcessingRequest(negative).observability_mode).toBe(true);
    expect(readProcessingRequest(Buffer.from([0x50, 0x80, 0x00])).observability_mode).toBe(false);
  });
});

/** grpc-js turns any error into a status that denies; protobufjs throws a TypeError where a map's entry has no value. */
function outcomeOf(read: () => object): 'read' | 'none' {
  try {
    read();
    return 'read';
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return 'none';
  }
}
