import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { StreamWords } from '../../../../src/policy/content/stream-words.ts';
import { madeStream, STREAMING } from '../../../support/made-streams.ts';

const answer = { texts: ['hello there', 'and you'], calls: ['{"to":"bob"}', '{"to":"eve"}'] } as const;

const chat = (content: string, index = 0): string => `data: ${JSON.stringify({ choices: [{ index, delta: { content } }] })}\n\n`;
const named = (type: string, event: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...event })}\n\n`;

const delta = (text: string): string => named('response.output_text.delta', { output_index: 0, content_index: 0, delta: text });
const done = (text: string): string => named('response.output_text.done', { output_index: 0, content_index: 0, text });
const unknown = (value: string): string => `data: ${JSON.stringify({ unheard_of: value, choices: [] })}\n\n`;

function taken(words: StreamWords): readonly string[] {
  const texts = words.take();
  expect(texts.kind).toBe('next');
  return texts.kind === 'next' ? texts.found : [];
}

/** The texts of one question about these events. */
function asked(words: StreamWords, ...events: readonly string[]): readonly string[] {
  for (const event of events) {
    words.push(Buffer.from(event));
  }
  return taken(words);
}

describe.each(STREAMING)('what a model says in a stream of %s', (operation) => {
  const expected = operation === 'completions' ? answer.texts : [...answer.texts, ...answer.calls];

  it('are its texts put together, each once', () => {
    const said = asked(new StreamWords(operation, Infinity), ...madeStream(operation, answer, [3]));
    expect(said.filter((text) => text.length > 4)).toEqual(expect.arrayContaining([...expected]));
    expect(said.filter((text) => text === 'hello there')).toHaveLength(1);
  });

  it('is in one question only, but for what came before a piece: events that repeat it say nothing more', () => {
    const words = new StreamWords(operation, 4);
    const said = madeStream(operation, answer, [3]).flatMap((event) => asked(words, event));
    for (const text of expected) {
      expect(said.filter((each) => each.length > 7 && each === text)).toEqual([]);
    }
    expect(Math.max(...said.map((each) => each.length))).toBeLessThanOrEqual(4 + 3);
  });
});

describe('questions about a stream', () => {
  it('carry of each text what came before its new piece, and nothing of texts without one', () => {
    const words = new StreamWords('chat', 5);
    expect(asked(words, chat('one two three'), chat('other', 1))).toEqual(['one two three', 'other']);
    expect(asked(words, chat(' four'))).toEqual(['three four']);
    expect(asked(words, chat('s', 1), chat('!'))).toEqual(['others', ' four!']);
    expect(taken(words)).toEqual([]);
  });

  it('do not begin with half of a character', () => {
    const words = new StreamWords('chat', 3);
    asked(words, chat('ab😀cd'));
    expect(asked(words, chat('e'))).toEqual(['😀cde']);
  });

  it('count what none of them had', () => {
    const words = new StreamWords('chat', 100);
    words.push(Buffer.from(chat('one two') + chat('three', 1)));
    expect(words.unasked).toBe(12);
    words.push(Buffer.from('data: {"choices":[],"usage":{"total_tokens":3}}\n\ndata: [DO'));
    expect(words.unasked).toBe(12);
    taken(words);
    expect(words.unasked).toBe(0);
  });

  it('read thoughts as the one text that they are', () => {
    const words = new StreamWords('messages', 100);
    const thought = (thinking: string): string => named('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking } });
    const start = named('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } });
    expect(asked(words, start, thought('a bo'))).toEqual(['a bo']);
    expect(asked(words, thought('mb'), thought(' is'))).toEqual(['a bomb is']);
  });

  it('have a text that comes whole when it is no repetition, or one of another text', () => {
    const words = new StreamWords('responses', 100);
    expect(asked(words, delta('hello '), delta('you'), done('hello you'))).toEqual(['hello you']);
    expect(asked(words, done('hello you'))).toEqual([]);
    expect(asked(words, done('hello eve'))).toEqual(['hello eve']);
    expect(asked(words, done('hello eve'))).toEqual([]);
    expect(asked(words, done('quite another'))).toEqual(['quite another']);
  });

  it('have every text that comes whole once more when there were too many to know them again', () => {
    const words = new StreamWords('chat', 100);
    for (let index = 0; index < 5_000; index += 1) {
      words.push(Buffer.from(unknown(`value ${String(index)}`)));
    }
    expect(taken(words)).toHaveLength(5_001);
    expect(asked(words, unknown('value 4999'))).toEqual(['value 4999']);
    expect(asked(words, unknown('value 1'))).toEqual([]);
  });

  it('keep no more than what came before, however long the stream is', () => {
    const words = new StreamWords('chat', 64);
    for (let index = 0; index < 2_000; index += 1) {
      asked(words, chat('x'.repeat(100)));
    }
    expect(words.kept).toBeLessThan(2_000);
  });
});

describe('a stream that cannot be read', () => {
  it.each([
    ['an event that is no JSON', 'data: {"a":\n\n'],
    ['an event over a megabyte', `data: {"a":"${'x'.repeat(1_100_000)}"}\n\n`],
  ])('says nothing that may pass: %s', (_, event) => {
    const words = new StreamWords('chat', 100);
    expect(words.isReadable).toBe(true);
    words.push(Buffer.from(event));
    expect(words.isReadable).toBe(false);
    expect(words.take()).toMatchObject({ kind: 'deny', denial: { code: 'answer_unreadable' } });
  });

  it('may have comments, line ends that come in two pieces, and no end', () => {
    const words = new StreamWords('chat', 100);
    expect(asked(words, ': a comment\n\n', `${chat('hi').trimEnd()}\r\n\r`, '\ndata: [DONE]\n\n')).toEqual(['hi']);
    words.push(Buffer.from(chat(' there').trimEnd()));
    expect(words.unasked).toBe(0);
    words.end();
    expect(taken(words)).toEqual(['hi there']);
  });
});
