import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { openStrippedStream } from '../../../../src/policy/llm/answer-stream.ts';
import { eventBytesMax } from '../../../../src/policy/llm/usage/sse-blocks.ts';
import { CHAT, stripEvent } from './usage/samples.ts';

const strip = (block: string): string => stripEvent(block).toString('utf8');
const without = (event: string): string => event.replace(',"usage":null', '');
const USAGE = '{"prompt_tokens":5,"completion_tokens":6}';

describe('what a client gets that has not asked for usage', () => {
  it.each([
    ['last', 'data: {"choices":[{}],"usage":null}\n\n', 'data: {"choices":[{}]}\n\n'],
    ['in between', 'data: {"choices":[{}], "usage" : null , "model":"m"}\n\n', 'data: {"choices":[{}], "model":"m"}\n\n'],
    ['first', 'data: {"usage":null,"choices":[]}\r\n\r\n', 'data: {"choices":[]}\r\n\r\n'],
    ['alone', 'data:{ "usage":null }\n\n', 'data:{  }\n\n'],
    ['behind a byte order mark and a comment', '\u{feff}: x\ndata: {"a":1,"usage":null}\n\n', '\u{feff}: x\ndata: {"a":1}\n\n'],
  ])('is a chunk without its null usage: %s', (_where, block, expected) => {
    expect(strip(block)).toBe(expected);
  });

  it.each([
    ['in one line', `data: {"choices":[],"usage":${USAGE}}\n\n`],
    ['with space', `data: {"usage":${USAGE},"choices":[ ]}\r\r`],
    ['in several lines', `data: {"choices":[],\ndata: "usage":${USAGE}}\n\n`],
    ['without a blank line', `data: {"choices":[],"usage":${USAGE}}`],
  ])('is not the chunk that is there for usage alone: %s', (_how, block) => {
    expect(strip(block)).toBe('');
  });

  it.each([
    ['a chunk without usage', 'data: {"choices":[{"delta":{"content":"\\"usage\\":null"}}]}\n\n'],
    ['usage on a chunk with choices', `data: {"choices":[{}],"usage":${USAGE}}\n\n`],
    ['a chunk without choices (Azure)', 'data: {"choices":[],"prompt_filter_results":[{"usage":null}]}\n\n'],
    ['usage that is nested', 'data: {"choices":[],"x_groq":{"usage":null}}\n\n'],
    ['a text that is "usage"', 'data: {"choices":[{"delta":{"content":"usage"}}]}\n\n'],
    ['two usages', 'data: {"choices":[],"usage":null,"usage":null}\n\n'],
    ['no JSON', 'data: "usage":null\n\n'],
    ['JSON that is cut', 'data: {"choices":[{}],"usage":null\n\n'],
    ['JSON with more behind it', 'data: {"usage":null}}\n\n'],
    ['no data', ': {"usage":null}\n\n'],
    ['null usage in several lines', 'data: {"choices":[{}],\ndata: "usage":null}\n\n'],
    ['the end', 'data: [DONE]\n\n'],
  ])('is, byte for byte, %s', (_what, block) => {
    expect(strip(block)).toBe(block);
  });
});

describe('a stream without usage', () => {
  it('passes each event as soon as it is complete, and is metered all the same', () => {
    const stream = openStrippedStream({ operation: 'chat', form: 'events', echoes: false });
    const [first = '', second = ''] = CHAT.events;
    expect(stream.push(Buffer.from(first.slice(0, -1))).toString('utf8')).toBe('');
    expect(stream.push(Buffer.from('\n')).toString('utf8')).toBe(without(first));
    expect(stream.push(Buffer.from(`${second}data: {`)).toString('utf8')).toBe(without(second));
    expect(stream.push(Buffer.from('}\n\n')).toString('utf8')).toBe('data: {}\n\n');
    expect(stream.push(Buffer.from(CHAT.events.slice(2).join(''))).toString('utf8')).toBe(
      `${CHAT.events.slice(2, 4).map(without).join('')}data: [DONE]\n\n`,
    );
    expect(stream.end().toString('utf8')).toBe('');
    expect(stream.read(true)).toMatchObject({ isFinal: true, usage: { totalTokens: 38 } });
  });

  it('lets go of what is held back at the end', () => {
    const stream = openStrippedStream({ operation: 'chat', form: 'events', echoes: false });
    expect(stream.push(Buffer.from('data: {"choices":[{}],"usage":null}')).length).toBe(0);
    expect(stream.end().toString('utf8')).toBe('data: {"choices":[{}]}');
    expect(stream.end().length).toBe(0);
  });

  it('takes the line feed of a removed event away with it', () => {
    const stream = openStrippedStream({ operation: 'chat', form: 'events', echoes: false });
    const event = `data: {"choices":[],"usage":${USAGE}}\r\n\r\n`;
    expect(stream.push(Buffer.from(event.slice(0, -1))).length).toBe(0);
    expect(stream.push(Buffer.from('\n: x\r\n\r')).toString('utf8')).toBe(': x\r\n\r');
    expect(stream.push(Buffer.from('\n')).toString('utf8')).toBe('\n');
  });

  it('passes an event over a megabyte as it is, without holding it back', () => {
    const stream = openStrippedStream({ operation: 'chat', form: 'events', echoes: false });
    const start = Buffer.from(`data: {"usage":null,"choices":"${'x'.repeat(eventBytesMax)}`);
    expect(stream.push(start).equals(start)).toBe(true);
    expect(stream.push(Buffer.from('yz')).toString('utf8')).toBe('yz');
    expect(stream.push(Buffer.from('"}\n\ndata: {"usage":null}\n\n')).toString('utf8')).toBe('"}\n\ndata: {}\n\n');
  });
});
