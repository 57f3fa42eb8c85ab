import { describe, expect, it } from 'vitest';
import { CREDENTIAL_QUERY_PARAMETERS } from '../../../../src/core/headers.ts';
import { ENDPOINTS } from '../../../../src/core/operation.ts';
import type { DenialCode } from '../../../../src/core/denials.ts';
import { apiOfPath, judgeEndpoint, queryOf } from '../../../../src/policy/llm/endpoint.ts';

const codeOf = (method: string, path: string): DenialCode | 'next' => {
  const outcome = judgeEndpoint(method, path);
  return outcome.kind === 'deny' ? outcome.denial.code : 'next';
};

describe('judgeEndpoint', () => {
  it.each(ENDPOINTS)('knows $method $path as $operation', (endpoint) => {
    expect(judgeEndpoint(endpoint.method, endpoint.path)).toEqual({ kind: 'next', found: endpoint });
  });

  // X10: whatever a router, a normaliser or another server might read as one of our paths is not one.
  it.each([
    '',
    '/',
    '*',
    'v1/chat/completions',
    '/v1',
    '/v1/chat/completions/',
    '/v1/chat/completions.',
    '/v1/chat/completions/..',
    '/v1/chat/completions;x',
    '/v1/chat;x=/completions',
    '/v1/chat/completions#',
    '/v1/chat/completions#?a=b',
    '/v1/chat/completions%00',
    '/v1/chat/completions%3f',
    '/v1/chat/completions ',
    ' /v1/chat/completions',
    '/v1/chat/completions\t',
    '/v1/chat/completions\\',
    '/v1//chat/completions',
    '//v1/chat/completions',
    '/./v1/chat/completions',
    '/x/../v1/chat/completions',
    '/x/..;y/v1/chat/completions',
    '/v1/chat%2fcompletions',
    '/v1/chat%2Fcompletions',
    '/v1%2fchat/completions',
    '/v1\\chat\\completions',
    '/v1/chat/%63ompletions',
    '/V1/chat/completions',
    '/v1/Chat/Completions',
    '/v1/chat/completion\u017f',
    '/v1/chat/completions/extra',
    '/chat/completions',
    '/v1/engines/x/completions',
    '/openai/deployments/x/chat/completions',
    'http://provider.example/v1/chat/completions',
    '/v1/models/gpt-4o',
    '/v1/messages/batches',
    '/v1/messages/count_tokens/',
    '/v1/realtime',
    '/v1/files',
    '/__proto__',
    'constructor',
  ])('does not know the path %j', (path) => {
    expect(codeOf('POST', path)).toBe('endpoint_unsupported');
    expect(codeOf('GET', path)).toBe('endpoint_unsupported');
  });

  it.each([
    ['GET', '/v1/chat/completions'],
    ['HEAD', '/v1/models'],
    ['POST', '/v1/models'],
    ['OPTIONS', '/v1/messages'],
    ['PUT', '/v1/responses'],
    ['CONNECT', '/v1/chat/completions'],
    ['post', '/v1/chat/completions'],
    ['', '/v1/embeddings'],
  ])('refuses the method %s of %s', (method, path) => {
    expect(codeOf(method, path)).toBe('method_not_allowed');
  });

  it.each(['', 'beta=true', 'limit=20&after_id=m_1', 'a', 'a=b.c-d_e', 'keys=1', 'x=key', 'a'.repeat(256)])(
    'carries the query %j',
    (query) => {
      expect(codeOf('POST', `/v1/messages?${query}`)).toBe('next');
      expect(codeOf('GET', `/v1/models?${query}`)).toBe('next');
      expect(queryOf(`/v1/messages?${query}`)).toBe(`?${query}`);
    },
  );

  it.each(['a=%20', 'a=b+c', 'a=b;c=d', 'a=/etc', 'a=b#c', 'a=b?c=d', 'a=[1]', 'a=é', 'a=\u0000', 'a="b"', 'a=b c', 'a'.repeat(257)])(
    'refuses the query %j',
    (query) => {
      expect(codeOf('POST', `/v1/messages?${query}`)).toBe('request_invalid');
    },
  );

  it.each([
    'model=gpt-4o',
    'beta=true&model=gpt-4o',
    'MODEL=x',
    'model',
    'models=x',
    'api_base=evil.example',
    'fallbacks=x',
    'litellm_x=1',
  ])('refuses the query %j: some gateways read it instead of the body that is judged', (query) => {
    expect(codeOf('POST', `/v1/chat/completions?${query}`)).toBe('field_forbidden');
  });

  it.each([
    ...CREDENTIAL_QUERY_PARAMETERS.map((parameter) => `${parameter}=canary`),
    'beta=true&key=canary',
    'KEY=canary',
    'Api_Key=canary',
    '%6bey=canary',
    'k%65y=canary',
    '%61%50i%5Fkey=canary',
    'a=b;key=canary',
    'key',
    'key=a=b',
  ])('refuses a credential in the query %j, and repeats it nowhere', (query) => {
    const outcome = judgeEndpoint('POST', `/v1/chat/completions?${query}`);
    expect(outcome).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
    expect(JSON.stringify(outcome)).not.toContain('canary');
  });
});

describe('queryOf', () => {
  it.each([
    ['/v1/messages', ''],
    ['/v1/messages?', '?'],
    ['/v1/messages?a?b', '?a?b'],
  ])('of %j is %j', (path, query) => {
    expect(queryOf(path)).toBe(query);
  });
});

describe('apiOfPath', () => {
  it.each([
    ['/v1/messages', 'anthropic'],
    ['/v1/messages?beta=true', 'anthropic'],
    ['/v1/messages/count_tokens', 'anthropic'],
    ['/v1/messages/unknown/thing', 'anthropic'],
    ['/v1/messages/', 'anthropic'],
    ['/v1/messages;x', 'anthropic'],
    ['/v1/messages_x', 'openai'],
    ['/v1/messagesx', 'openai'],
    ['/x/v1/messages', 'openai'],
    ['/v1/chat/completions?a=/v1/messages', 'openai'],
    ['/v1/models', 'openai'],
    ['/', 'openai'],
    ['', 'openai'],
  ])('of %j is %s', (path, api) => {
    expect(apiOfPath(path)).toBe(api);
  });
});
