import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { answerWords } from '../../../../src/policy/content/answer-words.ts';

describe('what a model says in an answer', () => {
  it('are all its texts, thoughts and calls, and no figures', () => {
    const message = {
      role: 'assistant',
      content: 'hello',
      reasoning: 'a thought',
      tool_calls: [{ function: { name: 'x', arguments: '{}' } }],
    };
    const logprobs = { content: [{ token: 'hello', logprob: -1 }] };
    const body = Buffer.from(JSON.stringify({ id: 'c', choices: [{ index: 0, message, logprobs }], usage: { total_tokens: 3 } }));
    const said = answerWords('chat', body);
    expect(said.kind === 'next' && said.found).toEqual(['hello', 'a thought', 'x', '{}']);
  });

  it('cannot be told where it is no JSON object', () => {
    expect(answerWords('chat', Buffer.from('[]'))).toMatchObject({ kind: 'deny', denial: { code: 'answer_unreadable' } });
  });
});
