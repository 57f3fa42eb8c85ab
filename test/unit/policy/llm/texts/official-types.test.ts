import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BodyOperation } from '../../../../../src/policy/llm/fields.ts';
import { requestTexts } from '../../../../../src/policy/llm/texts/body-texts.ts';
import { eventTexts } from '../../../../../src/policy/llm/texts/event-texts.ts';
import { textOf } from '../../../../../src/policy/llm/texts/site.ts';
import type { Texts } from '../../../../../src/policy/llm/texts/site.ts';

const read = (file: string): string =>
  readFileSync(new URL(`../../../../../node_modules/${file}`, import.meta.url), 'utf8').replaceAll(/\/\*.*?\*\//gs, '');

const CHAT = read('openai/resources/chat/completions/completions.d.ts');
const RESPONSES = read('openai/resources/responses/responses.d.ts');
const MESSAGES = read('@anthropic-ai/sdk/resources/messages/messages.d.ts');

/** The words that `type` may be in the interfaces of a union. */
function typesOf(declarations: string, union: string): readonly string[] {
  const [, members = ''] = new RegExp(`^export type ${union} = (.*);$`, 'm').exec(declarations) ?? [];
  const names = members.split(' | ').map((name) => name.replace(/.*\./, ''));
  const interfaces = names.flatMap((name) =>
    [...declarations.matchAll(new RegExp(`^( *)(?:export )?interface ${name} \\{\\n(.*?)^\\1\\}`, 'gms'))].map(
      ([, indent = '', body = '']) => body.split('\n').filter((line) => line.startsWith(`${indent}    type`)),
    ),
  );
  return [...new Set(interfaces.flat().flatMap((line) => [...line.matchAll(/'([\w.]+)'/g)].map(([, type = '']) => type)))];
}

const unknownIn = (bytes: Buffer, texts: Texts): readonly string[] =>
  texts.sites.flatMap((site) => (site.kind === 'unknown' ? [textOf(bytes, site)] : []));

function unknownInRequest(operation: BodyOperation, body: object): readonly string[] {
  const bytes = Buffer.from(JSON.stringify(body));
  return unknownIn(bytes, requestTexts(operation, bytes));
}

function unknownInEvent(operation: BodyOperation, event: object): readonly string[] {
  const data = { bytes: Buffer.from(JSON.stringify(event)), start: undefined };
  const texts = eventTexts(operation, data);
  return texts.kind === 'event' ? unknownIn(data.bytes, texts) : ['no event'];
}

// Steering goes over another protocol.
const isHere = (type: string): boolean => !type.startsWith('response.steer');

describe('the types that the official clients know', () => {
  it.each<[string, readonly string[], number, (type: string) => readonly string[]]>([
    [
      'parts of a chat',
      typesOf(CHAT, 'ChatCompletionContentPart'),
      4,
      (type) => unknownInRequest('chat', { messages: [{ role: 'user', content: [{ type }] }] }),
    ],
    ['tools of a chat', typesOf(CHAT, 'ChatCompletionTool'), 2, (type) => unknownInRequest('chat', { tools: [{ type }] })],
    ['items of a request', typesOf(RESPONSES, 'ResponseInputItem'), 25, (type) => unknownInRequest('responses', { input: [{ type }] })],
    ['items of a response', typesOf(RESPONSES, 'ResponseOutputItem'), 20, (type) => unknownInRequest('responses', { input: [{ type }] })],
    [
      'parts of an item',
      typesOf(RESPONSES, 'ResponseContent'),
      6,
      (type) => unknownInRequest('responses', { input: [{ role: 'user', content: [{ type }] }] }),
    ],
    ['tools of a response', typesOf(RESPONSES, 'Tool'), 14, (type) => unknownInRequest('responses', { tools: [{ type }] })],
    ['events of a response', typesOf(RESPONSES, 'ResponseStreamEvent').filter(isHere), 50, (type) => unknownInEvent('responses', { type })],
    [
      'blocks of a request',
      typesOf(MESSAGES, 'ContentBlockParam'),
      15,
      (type) => unknownInRequest('messages', { messages: [{ role: 'user', content: [{ type }] }] }),
    ],
    [
      'blocks of a message',
      typesOf(MESSAGES, 'ContentBlock'),
      11,
      (type) => unknownInRequest('messages', { messages: [{ role: 'user', content: [{ type }] }] }),
    ],
    ['tools of a message', typesOf(MESSAGES, 'ToolUnion'), 15, (type) => unknownInRequest('messages', { tools: [{ type }] })],
    ['events of a message', typesOf(MESSAGES, 'RawMessageStreamEvent'), 6, (type) => unknownInEvent('messages', { type })],
    [
      'pieces of a block',
      typesOf(MESSAGES, 'RawContentBlockDelta'),
      5,
      (type) => unknownInEvent('messages', { type: 'content_block_delta', index: 0, delta: { type } }),
    ],
  ])('are known here: %s', (_name, types, atLeast, unknown) => {
    expect(types.length).toBeGreaterThanOrEqual(atLeast);
    expect(types.flatMap((type) => unknown(type))).toEqual([]);
  });
});
