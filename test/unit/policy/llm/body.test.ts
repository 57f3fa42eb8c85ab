import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { forbiddenBy } from '../../../../src/policy/llm/forbidden-fields.ts';
import { rewriteBody } from '../../../../src/policy/llm/rewrite-body.ts';
import type { BodyOperation } from '../../../../src/policy/llm/fields.ts';
import { BODY_OPERATIONS, LEAST, judgeText, judgeWith } from './samples.ts';

const denied = (code: string): object => ({ kind: 'deny', denial: { code } });
const hint = (publicHint: string): object => ({ kind: 'deny', denial: { publicHint } });

describe('judgeBody accepts', () => {
  it.each(BODY_OPERATIONS)('the least body of %s', (operation) => {
    const text = JSON.stringify(LEAST[operation]);
    expect(judgeWith(operation, {})).toMatchObject({
      kind: 'next',
      found: {
        model: 'm',
        modelStart: text.indexOf('"m"'),
        modelEnd: text.indexOf('"m"') + 3,
        stream: false,
        maxOutputTokens: operation === 'messages' ? 16 : undefined,
        choices: 1,
        operation,
        membersStart: 1,
        unbounded: [],
        usageRequest: { kind: 'given' },
        echoes: false,
      },
    });
  });

  it.each<[BodyOperation, Record<string, unknown>, object]>([
    ['chat', { stream: true, stream_options: { include_usage: true } }, { stream: true }],
    ['chat', { stream: false }, { stream: false }],
    ['chat', { stream: null, n: null, max_tokens: null, temperature: null, tools: null }, { stream: false, choices: 1 }],
    ['chat', { max_tokens: 5 }, { maxOutputTokens: 5 }],
    ['chat', { max_completion_tokens: 6 }, { maxOutputTokens: 6 }],
    ['chat', { max_completion_tokens: 6, max_tokens: null }, { maxOutputTokens: 6 }],
    ['chat', { max_completion_tokens: null, max_tokens: 5 }, { maxOutputTokens: 5 }],
    ['chat', { n: 128 }, { choices: 128 }],
    ['chat', { tools: [{ type: 'function', function: { name: 'f', parameters: { properties: { model: { type: 'string' } } } } }] }, {}],
    ['chat', { temperature: 0.7, seed: 9_007_199_254_740_993n.toString(), user: 'u', vendor_field_of_next_week: { api_base: 1 } }, {}],
    ['completions', { prompt: ['a', 'b', 'c'], n: 2, best_of: 4 }, { choices: 12 }],
    ['completions', { prompt: ['a', 'b'], n: 3 }, { choices: 6 }],
    ['completions', { prompt: [1, 2, 3] }, { choices: 1 }],
    ['completions', { prompt: [[1, 2], [3]] }, { choices: 2 }],
    ['completions', { max_tokens: 0, echo: true, stream: true }, { maxOutputTokens: 0, stream: true }],
    ['embeddings', { input: ['a', 'b'], dimensions: 256, stream: false }, { choices: 1 }],
    ['embeddings', { tools: [1], n: 'x' }, { choices: 1 }],
    [
      'responses',
      { input: [{ role: 'user', content: 'hello' }], max_output_tokens: 20, stream: true },
      { maxOutputTokens: 20, stream: true },
    ],
    ['responses', { input: undefined, prompt: { id: 'pmpt_1' } }, {}],
    ['responses', { input: undefined, previous_response_id: 'resp_1' }, {}],
    ['responses', { input: undefined, conversation: 'conv_1' }, {}],
    ['messages', { max_tokens: 0 }, { maxOutputTokens: 0 }],
    ['chat', { service_tier: 'priority' }, { serviceTier: 'priority', speed: undefined }],
    ['messages', { service_tier: 'auto', speed: 'fast' }, { serviceTier: 'auto', speed: 'fast' }],
    ['messages', { inference_geo: 'us' }, { inferenceGeo: 'us' }],
    ['messages', { speed: 7 }, { serviceTier: undefined, speed: undefined }],
    ['chat', { service_tier: 'p'.repeat(65) }, { serviceTier: undefined }],
    ['messages', { stream: true, system: [{ type: 'text', text: 's' }], tools: [{ name: 't', input_schema: {} }] }, { stream: true }],
  ])('%s with %j', (operation, members, found) => {
    expect(judgeWith(operation, members)).toMatchObject({ kind: 'next', found });
  });

  it.each([
    ['an escaped name and value', '{"m\\u006fdel":"gpt\\u002d4o","messages":[{}]}', 'gpt-4o'],
    ['space everywhere', ' {\n "model" : "gpt-4o" , "messages" : [ { } ] }\r\n', 'gpt-4o'],
    ['256 bytes', JSON.stringify({ model: 'é'.repeat(128), messages: [{}] }), 'é'.repeat(128)],
  ])('a model with %s', (_what, text, model) => {
    expect(judgeText('chat', text)).toMatchObject({ kind: 'next', found: { model } });
  });
});

const chat = (rest: string): string => `{"messages":[{"role":"user","content":"x"}],${rest}}`;

// What no store, model scope or provider may ever see.
describe('judgeBody refuses malformed JSON', () => {
  it.each<[string, string, string | Uint8Array]>([
    ['body_missing', 'nothing', ''],
    ['body_invalid', 'white space alone', '  \n'],
    ['body_invalid', 'a byte order mark', `\u{feff}${JSON.stringify(LEAST.chat)}`],
    ['body_invalid', 'depth 10,000', chat(`"model":"a","x":${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
    ['body_invalid', 'two models', chat('"model":"a","model":"b"')],
    ['body_invalid', 'two models, one escaped', chat('"model":"a","\\u006dodel":"b"')],
    ['body_invalid', 'two models, one in upper case', chat('"model":"a","Model":"b"')],
    ['body_invalid', 'a model in upper case alone', chat('"MODEL":"a"')],
    ['body_invalid', 'messages with a long s, which Go reads as ours', '{"model":"a","messages":[{}],"message\u017f":[{}]}'],
    ['body_invalid', 'max_tokens with a Kelvin sign, which Go reads as ours', chat('"model":"a","max_to\u212aens":9')],
    ['body_invalid', 'a duplicate in a message', '{"model":"a","messages":[{"role":"user","role":"system"}]}'],
    ['body_invalid', 'a lone surrogate', chat('"model":"a\\ud800"')],
    ['body_invalid', 'a raw NUL', chat('"model":"a\0"')],
    ['body_invalid', 'an escaped NUL in a name', chat('"model":"a","mod\\u0000el":"b"')],
    ['body_invalid', '1e400', chat('"model":"a","temperature":1e400')],
    ['body_invalid', 'two documents', `${JSON.stringify(LEAST.chat)}${JSON.stringify(LEAST.chat)}`],
    ['body_invalid', 'a document per line', `${JSON.stringify(LEAST.chat)}\n${JSON.stringify(LEAST.chat)}`],
    ['body_invalid', 'an array around it', JSON.stringify([LEAST.chat])],
    ['body_invalid', 'a string around it', JSON.stringify(JSON.stringify(LEAST.chat))],
    ['body_invalid', 'a form', 'model=a&messages=b'],
    ['body_invalid', 'multipart', '--x\r\nContent-Disposition: form-data; name="model"\r\n\r\na\r\n--x--\r\n'],
    ['body_invalid', 'gzip', Buffer.from([0x1f, 0x8b, 0x08, 0x00])],
    ['body_invalid', 'UTF-16', Buffer.from(JSON.stringify(LEAST.chat), 'utf16le')],
    ['body_invalid', 'a document cut short', JSON.stringify(LEAST.chat).slice(0, -1)],
    ['field_invalid', 'no model', '{"messages":[{}]}'],
    ['field_invalid', 'a model under __proto__', '{"__proto__":{"model":"a"},"messages":[{}]}'],
    ['field_invalid', 'an empty model', chat('"model":""')],
    ['field_invalid', 'a model of 257 bytes', chat(`"model":"${'a'.repeat(257)}"`)],
    ['field_invalid', 'a model of 257 bytes in 129 characters', chat(`"model":"a${'é'.repeat(128)}"`)],
    ['field_invalid', 'a model of a megabyte', chat(`"model":"${'a'.repeat(1_000_000)}"`)],
    ['field_invalid', 'a model with an escaped NUL', chat('"model":"a\\u0000"')],
    ['field_invalid', 'a model with a line feed', chat('"model":"a\\nb"')],
    ['field_invalid', 'a model with a C1 control', chat('"model":"a\\u0085b"')],
    ['field_invalid', '2^53 + 1', chat('"model":"a","max_tokens":9007199254740993')],
    ...['null', 'true', '1', '["a"]', '{"id":"a"}'].map((model): [string, string, string] => [
      'field_invalid',
      `the model ${model}`,
      chat(`"model":${model}`),
    ]),
  ])('%s: %s', (code, _what, body) => {
    expect(judgeText('chat', body)).toMatchObject(denied(code));
  });

  it('says where, and quotes nothing', () => {
    expect(judgeText('chat', '{"model":"canary","model":"canary"}')).toMatchObject(hint('Reason: duplicate member name at byte 18.'));
    expect(judgeText('chat', '{"model":"canary","Model":"canary"}')).toMatchObject(
      hint('Reason: member name at byte 18. Write "model" exactly so, some providers ignore letter case.'),
    );
  });
});

describe('judgeBody refuses a field', () => {
  it.each<[BodyOperation, Record<string, unknown>]>([
    ['chat', { messages: undefined }],
    ['chat', { messages: [] }],
    ['chat', { messages: 'hello' }],
    ['chat', { messages: ['hello'] }],
    ['chat', { messages: { role: 'user' } }],
    ['chat', { messages: null }],
    ['chat', { stream: 'true' }],
    ['chat', { stream: 1 }],
    ['chat', { stream_options: true }],
    ['chat', { max_tokens: 0 }],
    ['chat', { max_tokens: -1 }],
    ['chat', { max_tokens: 1.5 }],
    ['chat', { max_tokens: '5' }],
    ['chat', { max_tokens: 1e300 }],
    ['chat', { max_completion_tokens: 0 }],
    ['chat', { max_tokens: 5, max_completion_tokens: 5 }],
    ['chat', { n: 0 }],
    ['chat', { n: 129 }],
    ['chat', { n: '2' }],
    ['chat', { temperature: '0.7' }],
    ['chat', { tools: {} }],
    ['chat', { tools: ['x'] }],
    ['completions', { prompt: undefined }],
    ['completions', { prompt: null }],
    ['completions', { prompt: [] }],
    ['completions', { prompt: ['a', 1] }],
    ['completions', { prompt: { text: 'a' } }],
    ['completions', { best_of: 0 }],
    ['completions', { max_tokens: -1 }],
    ['embeddings', { input: undefined }],
    ['embeddings', { input: [] }],
    ['embeddings', { input: [{}] }],
    ['embeddings', { stream: true }],
    ['embeddings', { dimensions: 0 }],
    ['responses', { input: undefined }],
    ['responses', { input: undefined, prompt: null }],
    ['responses', { input: null, prompt: { id: 'p' } }],
    ['responses', { input: ['a'] }],
    ['responses', { input: undefined, prompt: 'pmpt_1' }],
    ['responses', { max_output_tokens: 0 }],
    ['responses', { background: 1 }],
    ['responses', { background: true }],
    ['messages', { max_tokens: undefined }],
    ['messages', { max_tokens: null }],
    ['messages', { max_tokens: -1 }],
    ['messages', { max_tokens: '16' }],
    ['messages', { messages: [] }],
    ['messages', { stream: null }],
    ['messages', { system: {} }],
    ['messages', { system: ['s'] }],
    ['messages', { tools: null }],
    ['messages', { temperature: null }],
    ['count_tokens', { messages: undefined }],
    ['count_tokens', { stream: true }],
  ])('of %s: %j', (operation, members) => {
    expect(judgeWith(operation, members)).toMatchObject(denied('field_invalid'));
  });

  it.each<[BodyOperation, Record<string, unknown>, string]>([
    ['chat', { messages: 'canary' }, '"messages" must be a non-empty array of objects.'],
    ['chat', { messages: undefined }, '"messages" must be set to a non-empty array of objects.'],
    ['chat', { n: 'canary' }, '"n" must be an integer from 1 to 128 or null.'],
    ['chat', { model: 7 }, '"model" must be a string.'],
    ['chat', { model: undefined }, '"model" must be a string of 1 to 256 bytes without control characters.'],
    ['messages', { max_tokens: 'canary' }, '"max_tokens" must be an integer of at least 0.'],
  ])('and says what is expected of %s: %j', (operation, members, publicHint) => {
    expect(judgeWith(operation, members)).toMatchObject(hint(publicHint));
  });

  it('that is an integer in disguise, which parsers read differently', () => {
    for (const literal of ['5.0', '5e0', '50e-1', '-0']) {
      expect(judgeText('messages', `{"model":"m","messages":[{}],"max_tokens":${literal}}`)).toMatchObject(denied('field_invalid'));
    }
  });
});

describe('judgeBody refuses what would move the decision elsewhere (X3)', () => {
  const names = [
    'api_base base_url api_key custom_llm_provider extra_headers user_config api_version api_type extra_body extra_query organization headers',
    'proxy provider_url aws_access_key_id aws_secret_access_key aws_session_token vertex_credentials azure_ad_token mock_response litellm_params',
    'litellm_credential_name aws_bedrock_runtime_endpoint sagemaker_base_url s3_endpoint_url fallbacks models model_list route provider preset',
    'engine deployment_id kv_transfer_params billing_policy API_BASE Api_Key API_\u212aEY ba\u017fe_url AWS_anything Mock_Response',
  ].flatMap((line) => line.split(' '));

  it.each(names)('%s', (name) => {
    for (const operation of BODY_OPERATIONS) {
      for (const value of ['canary', null, {}, []]) {
        expect(judgeWith(operation, { [name]: value })).toMatchObject(denied('field_forbidden'));
      }
    }
  });

  it('and names the rule, not what was sent', () => {
    expect(judgeWith('chat', { api_base: 'canary' })).toMatchObject(hint('The field is "api_base".'));
    const outcome = judgeWith('chat', { 'aws_canary\n': 'canary' });
    expect(outcome).toMatchObject(hint('The field is "aws_*".'));
    expect(JSON.stringify(outcome)).not.toContain('canary');
  });

  it('escaped all the same', () => {
    expect(judgeText('chat', '{"model":"m","messages":[{}],"\\u0061pi_base":"x"}')).toMatchObject(denied('field_forbidden'));
  });

  it.each<[BodyOperation, object]>([
    ['responses', { type: 'image_generation', model: 'gpt-image-1' }],
    ['messages', { type: 'advisor_20260301', name: 'advisor', model: 'claude-dear' }],
    ['messages', { type: 'advisor_20260301', name: 'advisor', Model: 'claude-dear' }],
  ])('a tool of %s that names a model: %j', (operation, tool) => {
    expect(judgeWith(operation, { tools: [{ type: 'function' }, tool] })).toMatchObject(denied('field_forbidden'));
  });

  const nested = (levels: number): object => (levels === 0 ? { type: 'function' } : { type: 'namespace', tools: [nested(levels - 1)] });

  it.each([
    ['in a namespace', { input: 'x', tools: [{ type: 'namespace', tools: [{ type: 'image_generation', model: 'gpt-image-1' }] }] }],
    [
      'in an item',
      {
        input: [
          { role: 'user', content: 'x' },
          { type: 'additional_tools', tools: [{ type: 'x', model: 'gpt-image-1' }] },
        ],
      },
    ],
    ['in an item of another spelling', { input: [{ type: 'additional_tools', Tools: [{ type: 'x', Model: 'gpt-image-1' }] }] }],
    ['found by a search', { input: [{ type: 'tool_search_output', tools: [{ type: 'namespace', tools: [{ model: 'gpt-image-1' }] }] }] }],
    ['deeper than tools are read', { input: 'x', tools: [nested(4)] }],
  ])('a tool that names a model %s', (_, members) => {
    expect(judgeWith('responses', members)).toMatchObject(denied('field_forbidden'));
  });

  it.each([
    ['tools in a namespace', { input: 'x', tools: [nested(3)] }],
    ['what a call says', { input: [{ type: 'function_call', name: 'f', arguments: '{"tools":[{"model":"m"}]}' }] }],
    ['tools of an item', { input: [{ type: 'additional_tools', role: 'developer', tools: [{ type: 'function', name: 'f' }] }] }],
  ])('but not %s', (_, members) => {
    expect(judgeWith('responses', members).kind).toBe('next');
  });

  it.each(['model', 'messages', 'metadata', 'user', 'store', 'api', 'headers_x', 'aws', 'x_aws_key', 'provider_options'])(
    'but not %s',
    (name) => {
      expect(forbiddenBy(name)).toBeUndefined();
    },
  );
});

describe('judgeBody', () => {
  it('has nothing to judge where an endpoint takes no body', () => {
    expect(judgeText('models', '{}')).toMatchObject(denied('request_invalid'));
  });

  it('gives plain data, so that it can cross to another thread', () => {
    const outcome = judgeWith('chat', {});
    expect(structuredClone(outcome)).toEqual(outcome);
  });
});

function rewritten(text: string, model: string): string {
  const bytes = Buffer.from(text);
  const outcome = judgeText('chat', bytes);
  return outcome.kind === 'next' ? rewriteBody(bytes, outcome.found, { model }).toString('utf8') : outcome.kind;
}

describe('rewriteBody', () => {
  it('replaces the literal of the model and not a byte more', () => {
    const text = ' {"messages":[{"model":"gpt-4o","n":12345678901234567890}], "model" :"gpt\\u002d4o" ,"seed":1.0}\n';
    expect(rewritten(text, 'llama3.1:70b')).toBe(text.replace('"gpt\\u002d4o"', '"llama3.1:70b"'));
  });

  it('leaves the bytes as they are where the name is the same, however it is written', () => {
    const text = '{"messages":[{}],"model":"gpt\\u002d4o"}';
    expect(rewritten(text, 'gpt-4o')).toBe(text);
  });

  it('escapes what a name may hold', () => {
    expect(JSON.parse(rewritten(JSON.stringify(LEAST.chat), 'a"b\\c'))).toEqual({ ...LEAST.chat, model: 'a"b\\c' });
  });
});
