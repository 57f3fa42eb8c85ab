import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { must } from '../../../../src/core/assert.ts';
import type { JudgedBody } from '../../../../src/policy/llm/body.ts';
import type { BodyOperation } from '../../../../src/policy/llm/fields.ts';
import { textTokensMax } from '../../../../src/policy/llm/input-bound.ts';
import { UNBOUNDED_KINDS, describeUnbounded } from '../../../../src/policy/llm/unbounded.ts';
import { worstCase } from '../../../../src/policy/llm/worst-case.ts';
import type { OutputCaps, UnboundedRules, WorstCase } from '../../../../src/policy/llm/worst-case.ts';
import { BODY_OPERATIONS, LEAST, judgeText, judgeWith } from './samples.ts';

const OUTPUT: OutputCaps = { default: 1_024, max: 8_192 };
const NO_RULES: UnboundedRules = new Map();

function judged(operation: BodyOperation, members: Readonly<Record<string, unknown>>): JudgedBody {
  const outcome = judgeWith(operation, members);
  must(outcome.kind === 'next', `the sample is accepted: ${JSON.stringify(outcome)}`);
  return outcome.found;
}

const worst = (operation: BodyOperation, members: Readonly<Record<string, unknown>>, output: OutputCaps | undefined = OUTPUT): WorstCase =>
  worstCase(judged(operation, members), output, NO_RULES);

const bytesOf = (operation: BodyOperation, members: Readonly<Record<string, unknown>>): number =>
  Buffer.byteLength(JSON.stringify({ ...LEAST[operation], ...members }));

describe('the worst case of a text request', () => {
  it.each<[BodyOperation, Record<string, unknown>, number, number]>([
    ['chat', {}, 128, 1_024],
    ['chat', { max_tokens: 5 }, 128, 5],
    ['chat', { max_completion_tokens: 9_000, n: 3 }, 128, 3 * 8_192],
    ['chat', { n: 128 }, 128, 128 * 1_024],
    [
      'chat',
      {
        tools: [
          { type: 'function', function: { name: 'f' } },
          { type: 'custom', custom: { name: 'c' } },
        ],
      },
      1_152,
      1_024,
    ],
    ['chat', { tools: [] }, 128, 1_024],
    ['completions', { prompt: ['a', 'b'], n: 3 }, 0, 6 * 1_024],
    ['completions', { max_tokens: 0, echo: true }, 0, 0],
    ['embeddings', { input: [1, 2, 3] }, 0, 0],
    ['responses', { max_output_tokens: 20 }, 128, 20],
    ['messages', {}, 128, 16],
    ['messages', { max_tokens: 100_000 }, 128, 8_192],
    [
      'messages',
      {
        tools: [
          { name: 't', input_schema: {} },
          { type: 'bash_20250124', name: 'bash' },
        ],
      },
      1_152 + 2_048,
      16,
    ],
    ['messages', { max_tokens: 0 }, 128, 0],
  ])('%s with %j', (operation, members, added, outputTokens) => {
    expect(worst(operation, members)).toEqual({ kind: 'bounded', inputTokens: bytesOf(operation, members) + added, outputTokens });
  });

  it('costs nothing where tokens are counted', () => {
    const image = { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] };
    expect(worst('count_tokens', image)).toEqual({ kind: 'bounded', inputTokens: 0, outputTokens: 0 });
  });

  it('is unknown where neither request nor model names a cap', () => {
    expect(worstCase(judged('chat', { max_tokens: 7 }), undefined, NO_RULES)).toMatchObject({ kind: 'bounded', outputTokens: 7 });
    const named: OutputCaps = { default: undefined, max: Number.MAX_SAFE_INTEGER };
    expect(worstCase(judged('chat', { max_tokens: 7 }), named, NO_RULES)).toMatchObject({ kind: 'bounded', outputTokens: 7 });
    expect(worstCase(judged('chat', {}), named, NO_RULES)).toMatchObject({ kind: 'unbounded', items: [{ kind: 'output' }] });
    expect(worstCase(judged('chat', {}), undefined, NO_RULES)).toMatchObject({
      kind: 'unbounded',
      items: [{ kind: 'output', what: 'an answer without a cap on its tokens' }],
    });
  });

  it('stays an exact integer whatever is asked for', () => {
    const most = worstCase(judged('chat', { max_tokens: Number.MAX_SAFE_INTEGER, n: 128 }), undefined, NO_RULES);
    expect(most).toMatchObject({ outputTokens: Number.MAX_SAFE_INTEGER });
  });
});

describe('the bound of a text', () => {
  it.each([
    ['ASCII', '{"a":"b"}', 9],
    ['ASCII with other escapes', '{"a":"\\n\\\\ufdfa"}', 17],
    ['what has no longer form', 'h\u00e9llo \u4f60\u597d', 13],
    ['what has a shorter form', 'e\u0301', 3],
    ['what NFKC makes longer', '\ufdfa', 33],
    ['the same, escaped', '\\ufdfa', 33],
    ['the same, escaped in capitals behind a backslash', '\\\\\\uFDFA', 35],
    ['what NFC makes longer', '\u0958', 6],
    ['a pair of escapes', '\\ud834\\udd60', 12],
  ])('counts %s', (_what, text, tokens) => {
    expect(textTokensMax(Buffer.from(text))).toBe(tokens);
  });
});

const user = (content: unknown): Readonly<Record<string, unknown>> => ({ messages: [{ role: 'user', content }] });
const item = (one: unknown): object => ({ input: [one] });
const tool = (one: object): object => ({ tools: [one] });

describe('what the bytes of a request do not bound', () => {
  it.each<[BodyOperation, object, string, string]>([
    ['responses', { previous_response_id: 'resp_1' }, 'state', '"previous_response_id"'],
    ['responses', { conversation: 'conv_1' }, 'state', '"conversation"'],
    ['responses', { conversation: { id: 'conv_1' } }, 'state', '"conversation"'],
    ['responses', { prompt: { id: 'pmpt_1' } }, 'template', '"prompt"'],
    ['responses', { context_management: [{ type: 'compaction' }] }, 'tool', '"context_management"'],
    ['responses', { moderation: { model: 'm' } }, 'tool', '"moderation"'],
    ['responses', item({ id: 'msg_1' }), 'state', 'an item that the provider keeps'],
    ['responses', item({ type: 'item_reference', id: 'msg_1' }), 'state', 'an item that the provider keeps'],
    ['responses', item({ type: 'reasoning', id: 'rs_1', summary: [] }), 'state', 'an item that the provider keeps'],
    ['responses', item({ type: 'reasoning', id: 'rs_1', encrypted_content: null }), 'state', 'an item that the provider keeps'],
    ['responses', item({ type: 'reasoning', id: 'rs_1', encrypted_content: '' }), 'state', 'an item that the provider keeps'],
    ['responses', item({ type: 'compaction', encrypted_content: 'x' }), 'state', 'a conversation that the provider has compacted'],
    ['responses', item({ type: 'additional_tools', tools: [] }), 'tool', 'tools among the messages'],
    ['responses', item({ type: 'web_search_call', id: 'x' }), 'tool', 'the result of a tool that ran at the provider'],
    ['responses', item({ role: 'user', content: [{ type: 'input_image', image_url: 'https://x' }] }), 'image', 'an image'],
    ['responses', item({ role: 'user', content: [{ type: 'input_image', file_id: 'file_1' }] }), 'image', 'an image'],
    ['responses', item({ role: 'user', content: [{ type: 'input_file', file_data: 'data:' }] }), 'file', 'a file or document'],
    ['responses', item({ role: 'user', content: [{ type: 'input_audio' }] }), 'audio', 'audio'],
    ['responses', item({ type: 'function_call_output', output: [{ type: 'input_image' }] }), 'image', 'an image'],
    ['responses', item({ type: 'computer_call_output' }), 'image', 'an image'],
    ['responses', item({ type: 'next_weeks_item' }), 'part', 'content of a type that this gateway does not know'],
    ...['web_search', 'web_search_2025_08_26', 'file_search', 'code_interpreter', 'computer_use_preview', 'mcp', 'shell'].map(
      (type): [BodyOperation, object, string, string] => [
        'responses',
        tool({ type }),
        'tool',
        `the tool "${type.replace(/_2025.*|_use.*/, '')}"`,
      ],
    ),
    ['responses', tool({ type: 'image_generation' }), 'tool', 'the tool "image_generation"'],
    ['responses', tool({ type: 'namespace', tools: [{ type: 'web_search' }] }), 'tool', 'the tool "web_search"'],
    ['responses', tool({ type: 'next_weeks_tool' }), 'tool', 'a tool of a type that this gateway does not know'],
    ['chat', user([{ type: 'image_url', image_url: { url: 'https://x' } }]), 'image', 'an image'],
    ['chat', user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }]), 'image', 'an image'],
    ['chat', user({ type: 'image_url' }), 'image', 'an image'],
    ['chat', user([{ type: 'input_audio', input_audio: {} }]), 'audio', 'audio'],
    ['chat', user([{ type: 'file', file: { file_id: 'file_1' } }]), 'file', 'a file or document'],
    ['chat', user([{ type: 'video_url' }]), 'image', 'a video'],
    ['chat', user([{ text: 'without a type' }]), 'state', 'an item that the provider keeps'],
    ['chat', user([7]), 'part', 'content of a type that this gateway does not know'],
    ['chat', user([{ type: ['text'] }]), 'part', 'content of a type that this gateway does not know'],
    ['chat', user([{ type: 'text', Type: 'image_url' }]), 'part', 'content of a type that this gateway does not know'],
    ['chat', { messages: [{ role: 'user', content: 'a', Content: [] }] }, 'part', 'content of a type that this gateway does not know'],
    ['chat', { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }, 'state', 'an item that the provider keeps'],
    ['chat', { web_search_options: {} }, 'tool', '"web_search_options"'],
    ['chat', { search_parameters: { mode: 'auto' } }, 'tool', '"search_parameters"'],
    ['chat', { plugins: [{ id: 'web' }] }, 'tool', '"plugins"'],
    ['chat', tool({ type: 'web_search' }), 'tool', 'the tool "web_search"'],
    ['chat', tool({ google_search: {} }), 'tool', 'a tool of a type that this gateway does not know'],
    ['chat', tool({ type: 'function', TYPE: 'web_search' }), 'tool', 'a tool of a type that this gateway does not know'],
    ['chat', { prediction: { type: 'content', content: 'x' } }, 'output', '"prediction"'],
    ['chat', { modalities: ['text', 'audio'] }, 'output', '"modalities"'],
    ['chat', { audio: { voice: 'alloy' } }, 'output', '"audio"'],
    ['chat', { chat_template: '{{ x }}' }, 'template', '"chat_template"'],
    ['chat', { chat_template_kwargs: { enable_thinking: true, chat_template: '{{ x }}' } }, 'template', '"chat_template_kwargs"'],
    ['chat', { n_predict: 9 }, 'output', '"n_predict"'],
    ['chat', { N_Predict: 9 }, 'output', '"n_predict"'],
    ['chat', { max_output_tokens: 9 }, 'output', '"max_output_tokens"'],
    ['chat', { best_of: 9 }, 'output', '"best_of"'],
    ['completions', { max_completion_tokens: 9 }, 'output', '"max_completion_tokens"'],
    ['responses', { max_tokens: 9 }, 'output', '"max_tokens"'],
    ['completions', { n: 1, n_cmpl: 8 }, 'output', '"n_cmpl"'],
    ['completions', { prompt: 'a', prompt_embeds: ['AA', 'AA'] }, 'output', '"prompt_embeds"'],
    ['chat', { auto_max_new_tokens: true }, 'output', '"auto_max_new_tokens"'],
    ['embeddings', { messages: [{}] }, 'part', '"messages"'],
    ['messages', user([{ type: 'image', source: { type: 'base64' } }]), 'image', 'an image'],
    ['messages', user([{ type: 'document', source: { type: 'url' } }]), 'file', 'a file or document'],
    ['messages', user([{ type: 'document', source: { type: 'file', file_id: 'f' } }]), 'file', 'a file or document'],
    ['messages', user([{ type: 'document', source: { type: 'base64' } }]), 'file', 'a file or document'],
    ['messages', user([{ type: 'document' }]), 'file', 'a file or document'],
    ['messages', user([{ type: 'document', source: { type: 7 } }]), 'file', 'a file or document'],
    ['messages', user([{ type: 'document', source: { type: 'content', content: [{ type: 'image' }] } }]), 'image', 'an image'],
    ['messages', user([{ type: 'tool_result', content: [{ type: 'image' }] }]), 'image', 'an image'],
    ['messages', user([{ type: 'container_upload', file_id: 'f' }]), 'file', 'a file or document'],
    ['messages', { system: [{ type: 'image' }] }, 'image', 'an image'],
    ['messages', { container: 'c_1' }, 'tool', '"container"'],
    ['messages', { mcp_servers: [{ url: 'https://x' }] }, 'tool', '"mcp_servers"'],
    ['messages', { thread: { type: 'create' } }, 'state', '"thread"'],
    ['messages', { compaction: { type: 'summarize' } }, 'tool', '"compaction"'],
    ['messages', { context_management: { edits: [{ type: 'compact_20260112' }] } }, 'tool', '"context_management"'],
    ['messages', { context_management: { edits: 7 } }, 'tool', '"context_management"'],
    ['messages', tool({ type: 'web_search_20260318', name: 'web_search' }), 'tool', 'the tool "web_search"'],
    ['messages', tool({ type: 'code_execution_20260521', name: 'c' }), 'tool', 'the tool "code_execution"'],
    ['messages', tool({ type: 'computer_20251124', name: 'c' }), 'tool', 'the tool "computer"'],
  ])('%s: %j', (operation, members, kind, what) => {
    const outcome = worst(operation, { ...members });
    expect(outcome).toMatchObject({ kind: 'unbounded', items: [{ kind, what, count: 1 }] });
    expect(UNBOUNDED_KINDS).toContain(kind);
  });

  it.each<[BodyOperation, object]>([
    ['chat', { modalities: ['text'], web_search_options: null, plugins: [], enable_search: false, prediction: null }],
    ['chat', user([{ type: 'text', text: 'a' }, 'b'])],
    ['chat', { chat_template_kwargs: { enable_thinking: true, chat_template: null } }],
    ['chat', { chat_template_kwargs: null }],
    ['completions', { prompt_embeds: null }],
    ['chat', { messages: [{ role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: {} }], audio: null }] }],
    ['chat', user('braces { and [ brackets ], "audio" and \\u0061')],
    ['chat', user('a colon and a brace: {')],
    ['responses', item({ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a' }] })],
    ['responses', item({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'a' }], encrypted_content: 'x' })],
    ['responses', item({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' })],
    ['responses', item({ type: 'reasoning', id: null, summary: [{ type: 'summary_text', text: 'a' }] })],
    ['responses', item({ type: 'function_call_output', call_id: 'c', output: 'text' })],
    ['responses', { previous_response_id: null, conversation: null, prompt: null }],
    ['responses', tool({ type: 'namespace', tools: [] })],
    ['responses', tool({ type: 'local_shell' })],
    ['messages', user([{ type: 'document', source: { type: 'text', data: 'a' } }])],
    ['messages', user([{ type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'a' }] } }])],
    ['messages', user([{ type: 'search_result', source: 'https://x', content: [{ type: 'text', text: 'a' }] }])],
    ['messages', user([{ type: 'thinking', thinking: 'a', signature: 'b' }])],
    ['messages', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }],
    ['messages', { mcp_servers: [], container: null, tools: [{ type: null, name: 't' }, { type: 'text_editor_20250728' }] }],
    ['completions', { prompt: 'a', suffix: 'b', echo: true }],
    ['embeddings', { input: ['a'], n: 4, options: {} }],
  ])('is nothing in %s: %j', (operation, members) => {
    expect(worst(operation, { ...members }).kind).toBe('bounded');
  });

  it('is read in few levels: what nests deeper is not known', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 'a' : [{ type: 'tool_result', content: nested(levels - 1) }]);
    expect(worst('messages', user(nested(4))).kind).toBe('bounded');
    expect(worst('messages', user(nested(8)))).toMatchObject({ items: [{ kind: 'part' }] });
  });

  it('is told in words that quote nothing of the request', () => {
    const outcome = worst('chat', { ...user([{ type: 'canary' }]), web_search_options: {}, ...tool({ type: 'canary' }) });
    must(outcome.kind === 'unbounded', 'the sample is not bounded');
    const text = describeUnbounded(outcome.items);
    expect(text).toBe(
      'What it may cost cannot be known before: a tool of a type that this gateway does not know, "web_search_options", ' +
        'content of a type that this gateway does not know.',
    );
  });

  it('is found behind escapes too', () => {
    const outcome = judgeText('chat', '{"model":"m","messages":[{"role":"assistant","\\u0061udio":{"id":"a"}}]}');
    expect(outcome).toMatchObject({ found: { unbounded: [{ kind: 'state' }] } });
    expect(judgeText('responses', '{"model":"m","\\u0070revious_response_id":"x"}')).toMatchObject({
      found: { unbounded: [{ kind: 'state' }] },
    });
  });
});

describe('a rule for what is not bounded', () => {
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(40_000)}` } };
  const body = judged('chat', user([image, { type: 'text', text: 'a' }, image]));

  it('charges each thing, and not its bytes too', () => {
    const plain = JSON.stringify(image).length;
    expect(worstCase(body, OUTPUT, new Map([['image', 1_500]]))).toEqual({
      kind: 'bounded',
      inputTokens: bytesOf('chat', user([image, { type: 'text', text: 'a' }, image])) + 128 - 2 * plain + 2 * 1_500,
      outputTokens: 1_024,
    });
  });

  it('covers its own kind alone', () => {
    expect(worstCase(body, OUTPUT, new Map([['audio', 1]]))).toMatchObject({ kind: 'unbounded', items: [{ kind: 'image', count: 2 }] });
  });
});

it('every operation is bounded with its least body', () => {
  for (const operation of BODY_OPERATIONS) {
    expect(worst(operation, {}).kind).toBe('bounded');
  }
});
