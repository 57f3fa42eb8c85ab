import { describe, expect, it } from 'vitest';
import { spokenHeaders, unforwardedHeaders } from '../../../src/policy/forwarded-headers.ts';

const named = (...names: readonly string[]): readonly string[] => unforwardedHeaders(names.map((name) => ({ name, value: 'x' })));

describe('the headers that a provider gets', () => {
  it.each([
    'x-portkey-custom-host',
    'x-portkey-api-key',
    'helicone-target-url',
    'x-litellm-tags',
    'ocp-apim-subscription-key',
    'true-client-ip',
    'traceparent',
    'cookie',
    'x-custom',
    'acceptable',
    'openai-organization',
    'anthropic-workspace-id',
  ])('are not %s', (name) => {
    expect(named(name)).toEqual([name]);
  });

  it('are those that the API needs and SDKs say of themselves', () => {
    const needed = ['accept', 'content-type', 'content-length', 'user-agent', 'openai-beta', 'anthropic-version', 'anthropic-beta'];
    expect(named(...needed, 'idempotency-key', 'x-stainless-lang', 'x-stainless-retry-count')).toEqual([]);
  });

  it("are in part the client's own words", () => {
    const said = ['accept', 'user-agent', 'idempotency-key', 'openai-beta', 'anthropic-version', 'anthropic-beta', 'x-stainless-lang'];
    const others = ['content-type', 'content-length', 'host', ':path', 'x-envoy-attempt-count', 'x-forwarded-for', 'x-custom'];
    const headers = [...said, ...others].map((name) => ({ name, value: 'x' }));
    expect(spokenHeaders(headers).map(({ name }) => name)).toEqual(said);
  });

  it('are named once, however often a client sends them', () => {
    expect(named('x-custom', 'accept', 'x-custom')).toEqual(['x-custom']);
  });
});
