import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { answerWords, openStreamWords } from '../../../../src/policy/content/answer-words.ts';
import { madeStream, STREAMING, type StreamingOperation } from '../../../support/made-streams.ts';

const texts = { texts: ['hello there', 'and you'], calls: ['{"to":"bob"}', '{"to":"eve"}'] } as const;

function gathered(operation: StreamingOperation, events: readonly string[]) {
  const words = openStreamWords(operation);
  for (const event of events) {
    words.push(Buffer.from(event));
  }
  return words.end();
}

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

describe.each(STREAMING)('what a model says in a stream of %s', (operation) => {
  it('are its texts put together, each once', () => {
    const said = gathered(operation, madeStream(operation, texts, [3]));
    const expected = operation === 'completions' ? texts.texts : [...texts.texts, ...texts.calls];
    expect(said.kind === 'next' && said.found.filter((text) => text.length > 4)).toEqual(expect.arrayContaining([...expected]));
    expect(said.kind === 'next' && said.found.filter((text) => text === 'hello there')).toHaveLength(1);
  });
});

describe('a stream that cannot be read', () => {
  it.each([
    ['an event that is no JSON', 'data: {"a":\n\n'],
    ['an event over a megabyte', `data: {"a":"${'x'.repeat(1_100_000)}"}\n\n`],
  ])('says nothing that may pass: %s', (_, event) => {
    expect(gathered('chat', [event])).toMatchObject({ kind: 'deny', denial: { code: 'answer_unreadable' } });
  });

  it('may have comments, and line ends that come in two pieces', () => {
    const said = gathered('chat', [
      ': a comment\n\n',
      'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\r\n\r',
      '\ndata: [DONE]\n\n',
    ]);
    expect(said).toEqual({ kind: 'next', found: ['hi'] });
  });
});
