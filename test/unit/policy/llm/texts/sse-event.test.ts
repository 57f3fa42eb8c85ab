import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { must } from '../../../../../src/core/assert.ts';
import { eventTexts } from '../../../../../src/policy/llm/texts/event-texts.ts';
import { textOf } from '../../../../../src/policy/llm/texts/site.ts';
import { writeEvent } from '../../../../../src/policy/llm/texts/sse-event.ts';
import { bareEvent } from '../../../../../src/policy/llm/texts/sse-lines.ts';
import { editsFor } from '../../../../../src/policy/llm/texts/write-back.ts';
import { dataOf } from '../../../../../src/policy/llm/usage/sse-data.ts';

/** The event with each of its texts given to `change`. */
function rewrite(framed: string, change: (text: string) => string): { readonly block: Buffer; readonly written: Buffer } {
  const block = Buffer.from(framed);
  const data = dataOf(block);
  must(data !== undefined, 'the sample has data');
  const texts = eventTexts('chat', data);
  must(texts.kind === 'event', 'the sample is an event');
  const replacements = texts.sites.map((site) => ({ site, text: change(textOf(data.bytes, site)) }));
  return { block, written: writeEvent(block, data, editsFor(data.bytes, replacements)) };
}

const json = '{"choices":[{"index":0,"delta":{"content":"h\u00e9"}}]}';

const FRAMED: readonly (readonly [string, string, string])[] = [
  ['one line', `data: ${json}\n\n`, `data: ${json.replace('h\u00e9', 'X')}\n\n`],
  ['CR LF', `data: ${json}\r\n\r\n`, `data: ${json.replace('h\u00e9', 'X')}\r\n\r\n`],
  [
    'no space, other lines and a comment',
    `: c\nevent: e\ndata:${json}\nid: 1\n\n`,
    `: c\nevent: e\ndata:${json.replace('h\u00e9', 'X')}\nid: 1\n\n`,
  ],
  ['no blank line', `data: ${json}`, `data: ${json.replace('h\u00e9', 'X')}`],
  ['a byte order mark', `\ufeffdata: ${json}\n\n`, `\ufeffdata: ${json.replace('h\u00e9', 'X')}\n\n`],
  [
    'several lines',
    'event: e\r\ndata: {"choices":[{"index":0,\r\n: c\r\ndata: "delta":{"content":"h\u00e9"}}\r\ndata:]}\r\n\r\n',
    'event: e\r\ndata: {"choices":[{"index":0,\r\ndata: "delta":{"content":"X"}}\r\ndata: ]}\r\n: c\r\n\r\n',
  ],
  [
    'several lines without an end',
    'data: {"choices":[{"index":0,\ndata: "delta":{"content":"h\u00e9"}}]}',
    'data: {"choices":[{"index":0,\ndata: "delta":{"content":"X"}}]}\n',
  ],
  [
    'several lines behind a byte order mark',
    '\ufeffdata: {"choices":[{"index":0,\ndata: "delta":{"content":"h\u00e9"}}]}\n\n',
    '\ufeffdata: {"choices":[{"index":0,\ndata: "delta":{"content":"X"}}]}\n\n',
  ],
];

describe('an event', () => {
  it.each(FRAMED)('is the same bytes where nothing changes: %s', (_name, framed) => {
    const { block, written } = rewrite(framed, (text) => text);
    expect(written).toBe(block);
  });

  it.each(FRAMED)('holds the new text and nothing of the old one: %s', (_name, framed, expected) => {
    expect(rewrite(framed, () => 'X').written.toString()).toBe(expected);
  });

  it('keeps line ends of a text inside the JSON', () => {
    const { written } = rewrite(`data: ${json}\n\n`, () => 'a\r\n\ndata: b');
    expect(written.toString()).toBe(`data: ${json.replace('h\u00e9', String.raw`a\r\n\ndata: b`)}\n\n`);
  });
});

describe('the lines beside the data', () => {
  it.each([
    'data: jane@example.com\n\n',
    'event: response.created\r\nid: 5\r\nretry: 100\r\ndata\r\n\r\n',
    '\ufeffdata: a\ndata:b\n\n',
    ':\n\n',
    '\n',
    'event:\ndata: a',
    '',
  ])('are the same bytes where they hold no text: %j', (framed) => {
    const block = Buffer.from(framed);
    expect(bareEvent(block)).toBe(block);
  });

  it.each([
    [': call jane@example.com\n\n', ':\n\n'],
    [':keepalive\r\ndata: a\r\n\r\n', ':\r\ndata: a\r\n\r\n'],
    ['event: jane doe\ndata: a\n\n', 'data: a\n\n'],
    ['id: 4111111111111111\ndata: a\n\n', 'data: a\n\n'],
    ['jane: doe\rdata: a\r\r', 'data: a\r\r'],
    ['jane@example.com', ''],
  ])('lose their text: %j', (framed, expected) => {
    expect(bareEvent(Buffer.from(framed)).toString()).toBe(expected);
  });
});
