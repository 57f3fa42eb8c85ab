import { METADATA } from '../../src/core/headers.ts';
import { BODY_BUFFERED, type MetadataMessage, type StructMessage } from '../../src/wire/messages.ts';

/** `envoy.service.ext_proc.v3.ProcessingRequest` as proto-loader takes it. */
export interface EnvoyRequest {
  readonly request_headers?: EnvoyHeaders;
  readonly response_headers?: EnvoyHeaders;
  readonly request_body?: EnvoyBody;
  readonly response_body?: EnvoyBody;
  readonly request_trailers?: EnvoyTrailers;
  readonly response_trailers?: EnvoyTrailers;
  readonly metadata_context?: MetadataMessage;
  readonly attributes?: Readonly<Record<string, StructMessage>>;
  readonly observability_mode?: boolean;
  readonly protocol_config?: { readonly request_body_mode?: number; readonly response_body_mode?: number };
}
interface EnvoyHeaders {
  readonly headers?: { readonly headers?: readonly HeaderValueMessage[] };
  readonly end_of_stream?: boolean;
}
interface EnvoyTrailers {
  readonly trailers?: { readonly headers?: readonly HeaderValueMessage[] };
}
interface EnvoyBody {
  readonly body?: Buffer;
  readonly end_of_stream?: boolean;
}
export interface HeaderValueMessage {
  readonly key?: string;
  readonly value?: string;
  readonly raw_value?: Buffer;
}

/** Messages as Envoy sends them, each good in its place, to be sent in any place. */
export const EXCHANGE_ID = '0b1c7a52-6d0e-4f5f-9a49-1f3a6c2b7e01';

export const rawHeaders = (headers: Readonly<Record<string, string>>): readonly HeaderValueMessage[] =>
  Object.entries(headers).map(([key, value]) => ({ key, raw_value: Buffer.from(value, 'latin1') }));

export const chatHeaders = (changes: Readonly<Record<string, string | undefined>> = {}): readonly HeaderValueMessage[] => {
  const all: Readonly<Record<string, string | undefined>> = {
    ':method': 'POST',
    ':path': '/v1/chat/completions',
    ':authority': 'door.example',
    ':scheme': 'https',
    'content-type': 'application/json',
    'x-request-id': EXCHANGE_ID,
    'x-forwarded-for': '203.0.113.9',
    ...changes,
  };
  return Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : rawHeaders({ [key]: value })));
};

export const chatBytes = (model = 'large'): Buffer => Buffer.from(JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }));

interface HeadersChanges {
  readonly headers?: readonly HeaderValueMessage[];
  readonly seal?: string | undefined;
  readonly rest?: Partial<EnvoyRequest>;
}

/** `request_headers` of the decision stage. */
export const requestHeaders = ({ headers = chatHeaders(), seal, rest = {} }: HeadersChanges = {}): EnvoyRequest => ({
  request_headers: { headers: { headers }, end_of_stream: false },
  protocol_config: { request_body_mode: BODY_BUFFERED, response_body_mode: 0 },
  ...(seal === undefined
    ? {}
    : { metadata_context: { filter_metadata: { [METADATA.authz]: { fields: { [METADATA.seal]: { stringValue: seal } } } } } }),
  ...rest,
});

export const requestBody = (body: Buffer = chatBytes(), endOfStream = true): EnvoyRequest => ({
  request_body: { body, end_of_stream: endOfStream },
});

export const responseHeaders = (headers: Readonly<Record<string, string>> = {}, endOfStream = false): EnvoyRequest => ({
  response_headers: {
    headers: { headers: rawHeaders({ ':status': '200', 'content-length': '2', ...headers }) },
    end_of_stream: endOfStream,
  },
});

export const responseBody = (body = '{}', endOfStream = true): EnvoyRequest => ({
  response_body: { body: Buffer.from(body), end_of_stream: endOfStream },
});

export const trailers = (which: 'request_trailers' | 'response_trailers'): EnvoyRequest => ({ [which]: { trailers: {} } });

/** `request_headers` of the rewrite stage, on the attempt with this number. */
export const rewriteHeaders = (
  attempts: readonly { readonly cluster: string; readonly model: string }[],
  number: number,
  rest: Partial<EnvoyRequest> = {},
): EnvoyRequest => ({
  request_headers: { headers: { headers: chatHeaders({ 'x-envoy-attempt-count': String(number) }) }, end_of_stream: false },
  protocol_config: { request_body_mode: BODY_BUFFERED, response_body_mode: 0 },
  metadata_context: {
    filter_metadata: {
      [METADATA.decision]: {
        fields: {
          operation: { stringValue: 'chat' },
          attempts: {
            listValue: {
              values: attempts.map(({ cluster, model }) => ({
                structValue: {
                  fields: {
                    cluster: { stringValue: cluster },
                    model: { stringValue: model },
                    path: { stringValue: `/${cluster}/v1/chat/completions` },
                    authority: { stringValue: `${cluster}.example` },
                  },
                },
              })),
            },
          },
        },
      },
    },
  },
  ...rest,
});
