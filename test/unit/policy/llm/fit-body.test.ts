import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { must } from '../../../../src/core/assert.ts';
import type { CapRule } from '../../../../src/policy/llm/cap-output.ts';
import type { BodyOperation } from '../../../../src/policy/llm/fields.ts';
import { mustStripUsage } from '../../../../src/policy/llm/include-usage.ts';
import { rewriteBody } from '../../../../src/policy/llm/rewrite-body.ts';
import type { Fit } from '../../../../src/policy/llm/rewrite-body.ts';
import { judgeText } from './samples.ts';

const NEWER: CapRule = { default: 1_024, max: 8_192, chatField: 'max_completion_tokens' };
const OLDER: CapRule = { ...NEWER, chatField: 'max_tokens' };

function fit(operation: BodyOperation, text: string, how: Omit<Fit, 'model'> & { readonly model?: string }): string {
  const bytes = Buffer.from(text);
  const outcome = judgeText(operation, bytes);
  must(outcome.kind === 'next', `the sample is accepted: ${JSON.stringify(outcome)}`);
  return rewriteBody(bytes, outcome.found, { model: outcome.found.model, ...how }).toString('utf8');
}

const capped = (operation: BodyOperation, text: string, cap: CapRule = NEWER): string => fit(operation, text, { cap });
const chat = (rest: string): string => `{"model":"m","messages":[{}]${rest}}`;

describe('a cap on the output', () => {
  it.each<[string, BodyOperation, string, string]>([
    ['is put in front where none is stated', 'chat', ` ${chat('')}\n`, ` {"max_completion_tokens":1024,${chat('').slice(1)}\n`],
    ['stays where it is not above the most', 'chat', chat(',"max_completion_tokens" : 8192 '), chat(',"max_completion_tokens" : 8192 ')],
    ['is lowered to the most', 'chat', chat(',"max_completion_tokens" : 8193 '), chat(',"max_completion_tokens" : 8192 ')],
    ['takes the place of null', 'chat', chat(',"max_completion_tokens":null'), chat(',"max_completion_tokens":1024')],
    ['gets the name that the target reads', 'chat', chat(',"max_tokens" : 5'), chat(',"max_completion_tokens" : 5')],
    ['gets it where it is null, too', 'chat', chat(',"max_tokens":null'), chat(',"max_completion_tokens":1024')],
    [
      'has one of two names',
      'chat',
      chat(',"max_completion_tokens":null,"max_tokens":9000'),
      chat(',"max_completion_tokens":8192,"max_tokens":null'),
    ],
    [
      'leaves two nulls at one',
      'chat',
      chat(',"max_tokens":null,"max_completion_tokens":null'),
      chat(',"max_tokens":null,"max_completion_tokens":1024'),
    ],
    ['has the only name of completions', 'completions', '{"model":"m","prompt":"a"}', '{"max_tokens":1024,"model":"m","prompt":"a"}'],
    ['keeps a zero', 'completions', '{"model":"m","prompt":"a","max_tokens":0}', '{"model":"m","prompt":"a","max_tokens":0}'],
    ['has its name in Responses', 'responses', '{"model":"m","input":"a"}', '{"max_output_tokens":1024,"model":"m","input":"a"}'],
    [
      'is lowered in messages',
      'messages',
      '{"model":"m","messages":[{}],"max_tokens":9000}',
      '{"model":"m","messages":[{}],"max_tokens":8192}',
    ],
    ['is no matter of embeddings', 'embeddings', '{"model":"m","input":"a"}', '{"model":"m","input":"a"}'],
    [
      'is no matter of counting',
      'count_tokens',
      '{"model":"m","messages":[{}],"max_tokens":9}',
      '{"model":"m","messages":[{}],"max_tokens":9}',
    ],
  ])('%s', (_what, operation, text, expected) => {
    expect(capped(operation, text)).toBe(expected);
  });

  it('has the older name where the target reads that', () => {
    expect(capped('chat', chat(''), OLDER)).toBe(`{"max_tokens":1024,${chat('').slice(1)}`);
    expect(capped('chat', chat(',"max_completion_tokens":7'), OLDER)).toBe(chat(',"max_tokens":7'));
  });

  it('has it also where the model has no cap of its own, and the request alone says how much', () => {
    const named: CapRule = { default: undefined, max: Number.MAX_SAFE_INTEGER, chatField: 'max_tokens' };
    expect(capped('chat', chat(',"max_completion_tokens":7'), named)).toBe(chat(',"max_tokens":7'));
    for (const rest of ['', ',"max_tokens":7', ',"max_completion_tokens":null']) {
      expect(capped('chat', chat(rest), named)).toBe(chat(rest));
    }
    expect(capped('responses', '{"model":"m","input":"a","max_output_tokens":9}', named)).toBe(
      '{"model":"m","input":"a","max_output_tokens":9}',
    );
  });

  it('replaces an escaped name whole', () => {
    expect(capped('chat', chat(',"max\\u005ftokens":7'))).toBe(chat(',"max_completion_tokens":7'));
  });

  it('is no larger by default than at most', () => {
    expect(capped('chat', chat(''), { ...NEWER, max: 100 })).toContain('"max_completion_tokens":100,');
  });
});

describe('a request for usage', () => {
  const streamed = (rest: string): string => chat(`,"stream":true${rest}`);
  it.each([
    ['in front', streamed(''), `{"stream_options":{"include_usage":true},${streamed('').slice(1)}`],
    ['for null', streamed(',"stream_options" : null '), streamed(',"stream_options" : {"include_usage":true} ')],
    ['into an empty object', streamed(',"stream_options":{ }'), streamed(',"stream_options":{"include_usage":true }')],
    [
      'before other options',
      streamed(',"stream_options":{ "include_obfuscation":false}'),
      streamed(',"stream_options":{"include_usage":true, "include_obfuscation":false}'),
    ],
    ['for false', streamed(',"stream_options":{"include_usage":false,"a":1}'), streamed(',"stream_options":{"include_usage":true,"a":1}')],
    ['for null inside', streamed(',"stream_options":{"include_usage":null}'), streamed(',"stream_options":{"include_usage":true}')],
  ])('is put %s', (_where, text, expected) => {
    expect(fit('chat', text, { tellUsage: true })).toBe(expected);
    const outcome = judgeText('chat', text);
    expect(outcome.kind === 'next' && mustStripUsage(outcome.found)).toBe(true);
    expect(fit('chat', text, {})).toBe(text);
  });

  it.each<[BodyOperation, string]>([
    ['chat', streamed(',"stream_options":{"include_usage":true}')],
    ['chat', chat('')],
    ['chat', chat(',"stream":false,"stream_options":null')],
    ['responses', '{"model":"m","input":"a","stream":true}'],
    ['messages', '{"model":"m","messages":[{}],"max_tokens":9,"stream":true}'],
  ])('is not needed in %s %s', (operation, text) => {
    expect(fit(operation, text, { tellUsage: true })).toBe(text);
    const outcome = judgeText(operation, text);
    expect(outcome.kind === 'next' && mustStripUsage(outcome.found)).toBe(false);
  });
});

it('everything that a target needs is done at once, in any order of the members', () => {
  const text = '{"stream_options":{"a":1},"max_tokens":9000,"stream":true,"messages":[{}],"model":"m"}';
  expect(fit('chat', text, { model: 'their-model', cap: NEWER, tellUsage: true })).toBe(
    '{"stream_options":{"include_usage":true,"a":1},"max_completion_tokens":8192,"stream":true,"messages":[{}],"model":"their-model"}',
  );
  expect(fit('chat', '{"model":"m","messages":[{}],"stream":true}', { model: 'n', cap: OLDER, tellUsage: true })).toBe(
    '{"max_tokens":1024,"stream_options":{"include_usage":true},"model":"n","messages":[{}],"stream":true}',
  );
  expect(fit('chat', '{"max_tokens":5,"model":"m","messages":[{}],"stream":true}', { cap: NEWER, tellUsage: true })).toBe(
    '{"stream_options":{"include_usage":true},"max_completion_tokens":5,"model":"m","messages":[{}],"stream":true}',
  );
});
