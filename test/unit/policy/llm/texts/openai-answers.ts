import { data, json, text, unread } from './canary.ts';

const token = (): object => ({
  token: text('assistant', 'logprobs'),
  bytes: [1_234, 2],
  logprob: -1,
  top_logprobs: [{ token: text('assistant', 'logprobs'), bytes: null, logprob: -1 }],
});

export const chatAnswer = (): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_732_222_222,
  model: 'gpt-4o-2024-11-20',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: text('assistant'),
        refusal: text('assistant'),
        reasoning_content: text('assistant'),
        annotations: [
          { type: 'url_citation', url_citation: { title: text('assistant'), url: text('assistant'), start_index: 0, end_index: 1 } },
        ],
        audio: { id: 'audio_1', data: unread('audio'), expires_at: 1, transcript: text('assistant') },
        function_call: { name: text('assistant'), arguments: json('assistant') },
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: text('assistant'), arguments: json('assistant') } },
          { id: 'call_2', type: 'custom', custom: { name: text('assistant'), input: text('assistant') } },
        ],
      },
      logprobs: { content: [token()], refusal: [token()] },
      finish_reason: 'stop',
      content_filter_results: { hate: { filtered: false, severity: 'safe' } },
    },
  ],
  usage: { prompt_tokens: 12_345, completion_tokens: 1, total_tokens: 12_346, prompt_tokens_details: { cached_tokens: 0 } },
  service_tier: 'default',
  system_fingerprint: 'fp_1',
  metadata: data('assistant'),
});

export const completionAnswer = (): object => ({
  id: 'cmpl-1',
  object: 'text_completion',
  created: 1_732_222_222,
  model: 'gpt-3.5-turbo-instruct',
  choices: [
    {
      index: 0,
      text: text('assistant'),
      logprobs: {
        tokens: [text('assistant', 'logprobs')],
        token_logprobs: [-1],
        top_logprobs: [{ [text('assistant', 'logprobs')]: -1 }],
        text_offset: [0],
      },
      finish_reason: 'length',
    },
  ],
  usage: null,
});

export const embeddingsAnswer = (): object => ({
  object: 'list',
  data: [
    { object: 'embedding', index: 0, embedding: [0.123_45, -1] },
    { object: 'embedding', index: 1, embedding: 'AAAAgD8/+A==' },
  ],
  model: 'text-embedding-3-small',
  usage: { prompt_tokens: 1, total_tokens: 1 },
});

export const openaiError = (): object => ({
  error: { message: text('error'), type: text('error'), param: text('error'), code: text('error') },
});
