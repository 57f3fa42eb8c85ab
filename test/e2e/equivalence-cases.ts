import { gzipSync } from 'node:zlib';
import { chatBody, messageBody, type Ask } from '../support/ask.ts';
import type { Certificates, KeyPair } from '../support/certificates.ts';
import type { Door } from '../support/door.ts';
import { boundTo, type Identities } from '../support/identities.ts';
import type { KeyName } from '../support/named-keys.ts';

/** What a case may use. */
export interface Material {
  readonly door: Door;
  readonly keys: Readonly<Record<KeyName, string>>;
  readonly identities: Identities;
  readonly certificates: Certificates;
}

/** One input and what must come of it in both chains. */
export interface Case {
  readonly what: string;
  readonly ask: (material: Material) => Ask;
  readonly status: number;
  /** The denial's code in the log; `undefined` where the request was released or answered. */
  readonly code?: string;
  /** Sets a provider up; returns how to take that back. */
  readonly provider?: (door: Door) => () => void;
  /** Envoy answers by itself: no stage of ours sees the request. */
  readonly silent?: true;
}

type Headers = NonNullable<Ask['headers']>;

/** Every case comes through one trusted proxy, which says this of the client. */
export const CLIENT_ADDRESS = '198.51.100.7';
const forwarded = (text: string): Headers => [['x-forwarded-for', text]];
const fromClient = forwarded(CLIENT_ADDRESS);

const withKey =
  (name: KeyName, changes: Ask = {}) =>
  ({ keys }: Material): Ask => ({ bearer: keys[name], ...changes, headers: [...fromClient, ...(changes.headers ?? [])] });
const withHeaders =
  (headers: (keys: Material['keys']) => Headers) =>
  ({ keys }: Material): Ask => ({ headers: [...fromClient, ...headers(keys)] });
const withToken =
  (changes: Readonly<Record<string, unknown>>) =>
  ({ identities }: Material): Ask => ({ bearer: identities.token(changes), headers: fromClient });
const withCertificate =
  (pick: (all: Certificates) => KeyPair, changes: Ask = {}) =>
  ({ certificates }: Material): Ask => ({ certificate: pick(certificates), headers: fromClient, ...changes });
const from =
  (name: KeyName, text: string) =>
  ({ keys }: Material): Ask => ({ bearer: keys[name], headers: forwarded(text) });

const CREDENTIALS: readonly Case[] = [
  { what: 'a key as bearer', ask: withKey('good'), status: 200 },
  { what: 'a key in x-api-key', ask: withHeaders((keys) => [['x-api-key', keys.good]]), status: 200 },
  { what: 'a key in api-key', ask: withHeaders((keys) => [['api-key', keys.good]]), status: 200 },
  { what: 'no credential', ask: withHeaders(() => []), status: 401, code: 'credential_missing' },
  { what: 'an empty bearer', ask: withHeaders(() => [['authorization', 'Bearer ']]), status: 401, code: 'credential_missing' },
  { what: 'the word null', ask: withHeaders(() => [['authorization', 'Bearer null']]), status: 401, code: 'credential_invalid' },
  { what: 'a master-like key', ask: withHeaders(() => [['authorization', 'Bearer sk-1234']]), status: 401, code: 'credential_invalid' },
  { what: 'another scheme', ask: withHeaders(() => [['authorization', 'Basic dTpw']]), status: 401, code: 'credential_invalid' },
  {
    what: 'a key with one character changed',
    ask: withHeaders((keys) => [['authorization', `Bearer ${keys.good.slice(0, -1)}${keys.good.endsWith('0') ? '1' : '0'}`]]),
    status: 401,
    code: 'credential_invalid',
  },
  {
    what: 'two authorization headers',
    ask: withHeaders((keys) => [
      ['authorization', `Bearer ${keys.good}`],
      ['authorization', `Bearer ${keys.good}`],
    ]),
    status: 401,
    code: 'credential_ambiguous',
  },
  { what: 'two headers with a key', ask: withKey('good', { headers: [['x-api-key', 'x']] }), status: 401, code: 'credential_ambiguous' },
  {
    what: 'a key in a header of another vendor',
    ask: withHeaders((keys) => [['x-goog-api-key', keys.good]]),
    status: 401,
    code: 'credential_invalid',
  },
  { what: 'an expired key', ask: withKey('expired'), status: 401, code: 'credential_expired' },
  { what: 'a revoked key', ask: withKey('revoked'), status: 401, code: 'credential_revoked' },
  { what: 'a blocked client', ask: withKey('blocked'), status: 403, code: 'caller_blocked' },
  { what: 'a key without a policy', ask: withKey('bare'), status: 403, code: 'policy_missing' },
  {
    what: 'a key without a policy, at an unknown path',
    ask: withKey('bare', { path: '/v1/files' }),
    status: 403,
    code: 'policy_missing',
  },
];

const NETWORKS: readonly Case[] = [
  { what: 'a client inside the network', ask: from('office', '203.0.113.9'), status: 200 },
  { what: 'a client outside', ask: from('office', CLIENT_ADDRESS), status: 403, code: 'network_not_allowed' },
  { what: 'an address put in front', ask: from('office', `203.0.113.9, ${CLIENT_ADDRESS}`), status: 403, code: 'network_not_allowed' },
  { what: 'garbage put in front', ask: from('office', '<script>, ::, 203.0.113.9'), status: 200 },
  { what: 'garbage in the place that counts', ask: from('office', '203.0.113.9, unknown'), status: 403, code: 'network_not_allowed' },
  { what: 'an IPv6 client inside', ask: from('office', '2001:DB8:0::1'), status: 200 },
  { what: 'a mapped IPv4 client inside', ask: from('office', '::ffff:203.0.113.9'), status: 200 },
  { what: 'no proxy in between', ask: ({ keys }) => ({ bearer: keys.office }), status: 403, code: 'network_not_allowed' },
];

const REQUESTS: readonly Case[] = [
  { what: 'a model that is not allowed', ask: withKey('narrow'), status: 403, code: 'model_not_allowed' },
  { what: 'a model that is not declared', ask: withKey('good', { body: chatBody('gpt-9') }), status: 403, code: 'model_not_allowed' },
  {
    what: 'an operation that is not allowed',
    ask: withKey('chatOnly', { path: '/v1/embeddings', body: { model: 'embed', input: 'x' } }),
    status: 403,
    code: 'operation_not_allowed',
  },
  { what: 'an unknown path', ask: withKey('good', { path: '/v1/files' }), status: 404, code: 'endpoint_unsupported' },
  { what: 'a path below an endpoint', ask: withKey('good', { path: '/v1/chat/completions/x' }), status: 404, code: 'endpoint_unsupported' },
  { what: 'another method', ask: withKey('good', { method: 'PUT' }), status: 405, code: 'method_not_allowed' },
  {
    what: 'a key in the query',
    ask: withKey('good', { path: '/v1/chat/completions?api_key=x' }),
    status: 401,
    silent: true,
  },
  { what: 'no body', ask: withKey('good', { body: undefined, headers: [['content-length', '0']] }), status: 400, code: 'body_missing' },
  {
    what: 'a chunked body of nothing',
    ask: withKey('good', { body: '', headers: [['transfer-encoding', 'chunked']] }),
    status: 400,
    code: 'body_missing',
  },
  {
    what: 'a body of text',
    ask: withKey('good', { headers: [['content-type', 'text/plain']] }),
    status: 415,
    code: 'content_type_unsupported',
  },
  {
    what: 'a compressed body',
    ask: withKey('good', { headers: [['content-encoding', 'gzip']], body: gzipSync('{}') }),
    status: 415,
    code: 'content_encoding_unsupported',
  },
  { what: 'a body that is cut', ask: withKey('good', { body: '{"model":"large",' }), status: 400, code: 'body_invalid' },
  {
    what: 'a model named twice',
    ask: withKey('narrow', { body: '{"model":"small","model":"large","messages":[{}]}' }),
    status: 400,
    code: 'body_invalid',
  },
  {
    what: 'a field that names another upstream',
    ask: withKey('good', { body: { ...chatBody(), base_url: 'https://elsewhere.example' } }),
    status: 400,
    code: 'field_forbidden',
  },
  {
    what: 'a model that is a list',
    ask: withKey('good', { body: { ...chatBody(), model: ['large'] } }),
    status: 400,
    code: 'field_invalid',
  },
  {
    what: 'a body that is too large',
    ask: withKey('good', { body: Buffer.alloc(17 * 1_024 * 1_024, 0x20) }),
    status: 413,
    silent: true,
  },
  { what: 'an escaped slash', ask: withKey('good', { path: '/v1%2fchat/completions' }), status: 400, silent: true },
  { what: 'the list of models', ask: withKey('good', { method: 'GET', path: '/v1/models', body: undefined }), status: 200 },
  { what: 'a narrowed list of models', ask: withKey('narrow', { method: 'GET', path: '/v1/models', body: undefined }), status: 200 },
  {
    what: 'a list of models with a body',
    ask: withKey('good', { method: 'GET', path: '/v1/models' }),
    status: 400,
    code: 'request_invalid',
  },
];

const PROVIDERS: readonly Case[] = [
  {
    what: 'a message',
    ask: withKey('good', { path: '/v1/messages', headers: [['anthropic-version', '2023-06-01']], body: messageBody() }),
    status: 200,
  },
  {
    what: 'a model of the other API',
    ask: withKey('good', { path: '/v1/messages', body: messageBody('large') }),
    status: 400,
    code: 'model_operation_unsupported',
  },
  { what: 'a stream', ask: withKey('good', { body: { ...chatBody(), stream: true } }), status: 200 },
  {
    what: 'a second target after a failure of the first',
    ask: withKey('good', { body: chatBody('spare') }),
    provider: ({ providers }) => providers.alpha.behave({ kind: 'status', status: 503, body: {} }),
    status: 200,
  },
  {
    what: 'a provider that fails',
    ask: withKey('good'),
    provider: ({ providers }) => providers.alpha.behave({ kind: 'status', status: 500, body: { error: { message: 'broken' } } }),
    status: 500,
  },
  {
    what: 'a provider that refuses our key',
    ask: withKey('good'),
    provider: ({ providers }) => providers.alpha.behave({ kind: 'status', status: 401, body: { error: { message: 'bad key' } } }),
    status: 502,
    code: 'provider_credential_rejected',
  },
];

const TOKENS: readonly Case[] = [
  { what: 'a token', ask: withToken({}), status: 200 },
  {
    what: 'an expired token',
    ask: withToken({ exp: 1_000_000_000, iat: 999_999_000, nbf: 999_999_000 }),
    status: 401,
    code: 'credential_expired',
  },
  { what: 'a token for somebody else', ask: withToken({ aud: 'another' }), status: 401, code: 'credential_invalid' },
  { what: 'a token without the scope', ask: withToken({ scope: 'openid' }), status: 403, code: 'scope_missing' },
  { what: 'a token without a client', ask: withToken({ client_id: undefined }), status: 403, code: 'scope_missing' },
  { what: 'a token of an unknown issuer', ask: withToken({ iss: 'https://else.example' }), status: 401, code: 'credential_invalid' },
  {
    what: 'a token of a client and team without a policy',
    ask: withToken({ client_id: 'nobody', team: 'nobody' }),
    status: 403,
    code: 'policy_missing',
  },
];

const CERTIFICATES: readonly Case[] = [
  { what: 'a certificate with a mapped SPIFFE id', ask: withCertificate((all) => all.clientSpiffe), status: 200 },
  {
    what: 'a certificate with a mapped DNS name',
    ask: withCertificate((all) => all.clientDns, { body: chatBody('small') }),
    status: 200,
  },
  { what: 'its client outside its policy', ask: withCertificate((all) => all.clientDns), status: 403, code: 'model_not_allowed' },
  { what: 'a certificate that nobody mapped', ask: withCertificate((all) => all.clientUnknown), status: 401, code: 'credential_invalid' },
  { what: 'a certificate without a name', ask: withCertificate((all) => all.clientNameless), status: 401, code: 'credential_missing' },
  {
    what: 'a key beside a mapped certificate',
    ask: ({ keys, certificates }) => ({ bearer: keys.good, certificate: certificates.clientSpiffe, headers: fromClient }),
    status: 401,
    code: 'credential_ambiguous',
  },
  {
    what: 'a key beside a certificate that nobody mapped',
    ask: ({ keys, certificates }) => ({ bearer: keys.good, certificate: certificates.clientUnknown, headers: fromClient }),
    status: 200,
  },
  {
    what: 'a token bound to the certificate beside it',
    ask: ({ identities, certificates: { clientUnknown } }) => ({
      bearer: identities.token(boundTo(clientUnknown)),
      certificate: clientUnknown,
      headers: fromClient,
    }),
    status: 200,
  },
  {
    what: 'a token bound to a mapped certificate beside it',
    ask: ({ identities, certificates: { clientSpiffe } }) => ({
      bearer: identities.token(boundTo(clientSpiffe)),
      certificate: clientSpiffe,
      headers: fromClient,
    }),
    status: 200,
  },
  {
    what: 'a bound token without its certificate',
    ask: ({ identities, certificates }) => ({ bearer: identities.token(boundTo(certificates.clientSpiffe)), headers: fromClient }),
    status: 401,
    code: 'credential_unbound',
  },
  {
    what: 'a token bound to another certificate',
    ask: ({ identities, certificates }) => ({
      bearer: identities.token(boundTo(certificates.clientSpiffe)),
      certificate: certificates.clientUnknown,
      headers: fromClient,
    }),
    status: 401,
    code: 'credential_unbound',
  },
  {
    what: 'an unbound token beside a mapped certificate',
    ask: ({ identities, certificates }) => ({ bearer: identities.token(), certificate: certificates.clientDns, headers: fromClient }),
    status: 401,
    code: 'credential_ambiguous',
  },
  {
    what: 'a certificate that is only claimed in a header',
    ask: withHeaders(() => [['x-forwarded-client-cert', 'By=spiffe://x;Hash=00;URI=spiffe://example/ns/billing/sa/app']]),
    status: 401,
    code: 'credential_missing',
  },
];

export const CASES: readonly Case[] = [...CREDENTIALS, ...NETWORKS, ...REQUESTS, ...PROVIDERS, ...TOKENS, ...CERTIFICATES];
