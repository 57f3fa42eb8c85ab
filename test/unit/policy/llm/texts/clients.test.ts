import { Buffer } from 'node:buffer';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { BodyOperation } from '../../../../../src/policy/llm/fields.ts';
import { eventTexts, isClosed } from '../../../../../src/policy/llm/texts/event-texts.ts';
import { textOf } from '../../../../../src/policy/llm/texts/site.ts';
import { writeEvent } from '../../../../../src/policy/llm/texts/sse-event.ts';
import { openTailEvents } from '../../../../../src/policy/llm/texts/tail-events.ts';
import { editsFor } from '../../../../../src/policy/llm/texts/write-back.ts';
import { BlockSplitter } from '../../../../../src/policy/llm/usage/sse-blocks.ts';
import { dataOf } from '../../../../../src/policy/llm/usage/sse-data.ts';
import { CHAT_STREAM, MESSAGE_STREAM, RESPONSE_EVENTS, RESPONSE_STREAM } from './streams.ts';

/**
 * The stream as one that masks would send it on: every text a letter late and in capitals, the last letters in extra events. Texts that
 * repeat what was streamed are in capitals too.
 */
function lateInCapitals(operation: BodyOperation, stream: string): string {
  const tails = openTailEvents(operation);
  const held = new Map<string, string>();
  const out: Buffer[] = [];
  const onBlock = (block: Buffer): void => {
    const data = dataOf(block);
    const texts = data === undefined ? undefined : eventTexts(operation, data);
    if (data === undefined || texts?.kind !== 'event') {
      out.push(block);
      return;
    }
    expect(texts.sites.filter((site) => site.kind === 'unknown')).toEqual([]);
    tails.note(data.bytes, texts);
    const replacements = texts.sites.flatMap((site) => {
      const text = textOf(data.bytes, site).toUpperCase();
      if (site.flow?.part !== 'delta') {
        return site.flow === undefined ? [] : [{ site, text }];
      }
      const all = (held.get(site.flow.channel) ?? '') + text;
      const kept = isClosed(texts, site.flow.channel) ? '' : all.slice(-1);
      held.set(site.flow.channel, kept);
      return [{ site, text: all.slice(0, all.length - kept.length) }];
    });
    for (const [channel, text] of held) {
      if (text !== '' && isClosed(texts, channel)) {
        out.push(tails.make(channel, text, 'before'));
        held.set(channel, '');
      }
    }
    const edits = [...editsFor(data.bytes, replacements), ...tails.renumber(texts)];
    out.push(
      writeEvent(
        block,
        data,
        edits.toSorted((left, right) => left.start - right.start),
      ),
    );
  };
  const blocks = new BlockSplitter({ onBlock, onOverlong: () => undefined, onLateFeed: () => undefined });
  blocks.push(Buffer.from(stream));
  blocks.end();
  expect([...held.values()].join('')).toBe('');
  return Buffer.concat(out).toString();
}

/** A client's own way to the bytes: no network, the answer is this stream. */
const answering = (stream: string) => async (): Promise<Response> =>
  Promise.resolve(new Response(stream, { headers: { 'content-type': 'text/event-stream' } }));

describe('a stream whose texts were held back', () => {
  it('is what the client of chats puts together', async () => {
    const client = new OpenAI({ apiKey: 'k', fetch: answering(lateInCapitals('chat', CHAT_STREAM)) });
    const whole = await client.chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion();
    expect(whole.choices.map((choice) => choice.message.content)).toEqual(['HELLO WORLD', 'OTHER CHOICE']);
    expect(whole.choices[0]?.message.tool_calls?.map((each) => each.type === 'function' && each.function.arguments)).toEqual([
      '{"A":"FIRST"}',
      '{"B":"SECOND"}',
    ]);
    expect(whole.usage?.total_tokens).toBe(3);
  });

  it('is what the client of messages puts together', async () => {
    const client = new Anthropic({ apiKey: 'k', fetch: answering(lateInCapitals('messages', MESSAGE_STREAM)) });
    const whole = await client.messages.stream({ model: 'm', max_tokens: 1, messages: [] }).finalMessage();
    expect(whole.content).toMatchObject([
      { type: 'thinking', thinking: 'a thought', signature: 'c2ln' },
      { type: 'text', text: 'HELLO WORLD' },
      { type: 'tool_use', input: { A: 'FIRST' } },
    ]);
  });

  it('is what the client of responses puts together, in the order of its numbers', async () => {
    const client = new OpenAI({ apiKey: 'k', fetch: answering(lateInCapitals('responses', RESPONSE_STREAM)) });
    const running = client.responses.stream({ model: 'm', input: 'x' });
    const numbers: number[] = [];
    const pieces: string[] = [];
    for await (const event of running) {
      numbers.push(event.sequence_number);
      pieces.push(event.type === 'response.output_text.delta' ? event.delta : '');
    }
    const whole = await running.finalResponse();
    expect(numbers).toEqual(Array.from({ length: RESPONSE_EVENTS + 2 }, (_, index) => index));
    expect(pieces.join('')).toBe('HELLO WORLD');
    expect(whole.output_text).toBe('HELLO WORLD');
    expect(whole.output[1]).toMatchObject({ type: 'function_call', arguments: '{"A":"FIRST"}' });
  });
});
