import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { InvariantError, must } from '../../../../../src/core/assert.ts';
import type { BodyOperation } from '../../../../../src/policy/llm/fields.ts';
import { eventTexts } from '../../../../../src/policy/llm/texts/event-texts.ts';
import type { EventTexts } from '../../../../../src/policy/llm/texts/event-texts.ts';
import { openTailEvents } from '../../../../../src/policy/llm/texts/tail-events.ts';
import type { TailEvents } from '../../../../../src/policy/llm/texts/tail-events.ts';
import { splice } from '../../../../../src/policy/json/splice.ts';
import { textOf } from '../../../../../src/policy/llm/texts/site.ts';
import { dataOf } from '../../../../../src/policy/llm/usage/sse-data.ts';

function read(operation: BodyOperation, bytes: Buffer): EventTexts {
  const texts = eventTexts(operation, { bytes, start: undefined });
  must(texts.kind === 'event', 'the sample is an event');
  return texts;
}

function noted(tails: TailEvents, operation: BodyOperation, event: object): { readonly bytes: Buffer; readonly texts: EventTexts } {
  const bytes = Buffer.from(JSON.stringify(event));
  const texts = read(operation, bytes);
  tails.note(bytes, texts);
  return { bytes, texts };
}

/** The flowing texts of an extra event: `channel text`, and its JSON. */
function made(operation: BodyOperation, block: Buffer): { readonly flows: readonly string[]; readonly event: unknown } {
  const data = dataOf(block);
  must(data !== undefined, 'an extra event has data');
  expect(block.toString()).toMatch(/\n\n$/);
  const { sites } = read(operation, data.bytes);
  expect(sites.filter((site) => site.kind === 'unknown')).toEqual([]);
  const flows = sites.flatMap((site) => (site.flow?.part === 'delta' ? [`${site.flow.channel} ${textOf(data.bytes, site)}`] : []));
  const event: unknown = JSON.parse(data.bytes.toString());
  return { flows, event };
}

describe('an extra event', () => {
  it.each<[BodyOperation, string]>([
    ['chat', '1/content'],
    ['chat', '0/refusal'],
    ['chat', '0/reasoning_content'],
    ['chat', '0/reasoning'],
    ['chat', '0/thought'],
    ['chat', '0.1/detail'],
    ['chat', '0.1/detail_summary'],
    ['chat', '2/transcript'],
    ['chat', '0/function_call'],
    ['chat', '0.1/arguments'],
    ['chat', '0.1/input'],
    ['completions', '3/text'],
    ['messages', '4/text'],
    ['messages', '4/partial_json'],
    ['responses', '1.2/text'],
    ['responses', '1.2/refusal'],
    ['responses', '1.2/reasoning'],
    ['responses', '1.2/summary'],
    ['responses', '1/arguments'],
    ['responses', '1/mcp_arguments'],
    ['responses', '1/input'],
    ['responses', '1/code'],
    ['responses', '1.2/command'],
    ['responses', '1.2/stdout'],
    ['responses', '1.2/stderr'],
    ['responses', '/transcript'],
  ])('of %s is a piece of %s and of nothing else', (operation, channel) => {
    const tails = openTailEvents(operation);
    expect(made(operation, tails.make(channel, 'the "end"\n', 'before')).flows).toEqual([`${channel} the "end"\n`]);
  });

  it('of a chat has what its chunks have', () => {
    const tails = openTailEvents('chat');
    const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 5, model: 'gpt-4o', system_fingerprint: 'fp_1' };
    noted(tails, 'chat', { ...head, choices: [{ index: 0, delta: { content: 'a' } }], usage: null });
    noted(tails, 'chat', { id: 'other', choices: [] });
    expect(made('chat', tails.make('0/content', 'b', 'before')).event).toEqual({
      ...head,
      choices: [{ index: 0, delta: { content: 'b' }, finish_reason: null }],
    });
  });

  it('has nothing of an event that may be text', () => {
    const tails = openTailEvents('chat');
    noted(tails, 'chat', { id: 'jane@example.com', model: 'gpt-4o', choices: [{ index: 0, delta: { content: 'a' } }] });
    expect(tails.make('0/content', 'b', 'before').toString()).not.toContain('jane');
    const items = openTailEvents('responses');
    noted(items, 'responses', {
      type: 'response.output_text.delta',
      item_id: 'jane@example.com',
      output_index: 0,
      content_index: 0,
      delta: 'a',
    });
    expect(items.make('0.0/text', 'b', 'before').toString()).not.toContain('jane');
  });

  it('is named where the events of its API are', () => {
    expect(openTailEvents('messages').make('0/text', 'a', 'before').toString()).toMatch(/^event: content_block_delta\ndata: \{/);
    expect(openTailEvents('responses').make('0.0/text', 'a', 'before').toString()).toMatch(
      /^event: response\.output_text\.delta\ndata: \{/,
    );
  });

  it('is none where nothing streams, and has no channel that is none', () => {
    expect(openTailEvents('embeddings').make('0/text', 'a', 'before')).toHaveLength(0);
    expect(openTailEvents('count_tokens').make('0/text', 'a', 'before')).toHaveLength(0);
    expect(() => openTailEvents('chat').make('content', 'a', 'before')).toThrow(InvariantError);
    expect(() => openTailEvents('responses').make('0/dream', 'a', 'before')).toThrow(InvariantError);
  });
});

const delta = (place: object, number: number): object => ({
  type: 'response.output_text.delta',
  ...place,
  delta: 'a',
  sequence_number: number,
});

describe('the numbers of a response s events', () => {
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };

  it('stay as they are until an event is put in, and go up by those put in before', () => {
    const tails = openTailEvents('responses');
    const first = noted(tails, 'responses', delta(place, 4));
    expect(tails.renumber(first.texts)).toEqual([]);

    const { bytes, texts } = noted(tails, 'responses', { type: 'response.output_text.done', ...place, text: 'ab', sequence_number: 5 });
    expect(made('responses', tails.make('0.0/text', 'b', 'before')).event).toMatchObject({
      ...place,
      delta: 'b',
      sequence_number: 5,
      logprobs: [],
    });
    expect(made('responses', tails.make('0.0/refusal', 'c', 'before')).event).toMatchObject({ sequence_number: 6 });
    expect(splice(bytes, tails.renumber(texts)).toString()).toContain('"sequence_number":7');

    const last = noted(tails, 'responses', delta(place, 6));
    expect(splice(last.bytes, tails.renumber(last.texts)).toString()).toContain('"sequence_number":8');
    expect(made('responses', tails.make('0.0/text', 'd', 'behind')).event).toMatchObject({ sequence_number: 9 });
    expect(made('responses', tails.make('0.0/text', 'e', 'behind')).event).toMatchObject({ sequence_number: 10 });
  });

  it('are none where the events have none', () => {
    const tails = openTailEvents('messages');
    const { texts } = noted(tails, 'messages', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } });
    tails.make('0/text', 'b', 'before');
    expect(tails.renumber(texts)).toEqual([]);
  });

  it('come with the id of the item, wherever it was told', () => {
    const tails = openTailEvents('responses');
    noted(tails, 'responses', {
      type: 'response.output_item.added',
      output_index: 3,
      item: { type: 'function_call', id: 'fc_3', arguments: '' },
    });
    noted(tails, 'responses', { type: 'response.function_call_arguments.delta', item_id: 'fc_4', output_index: 4, delta: '{' });
    noted(tails, 'responses', { type: 'response.function_call_arguments.delta', item_id: 4, output_index: 5, delta: '{' });
    expect(made('responses', tails.make('3/arguments', '}', 'before')).event).toMatchObject({ item_id: 'fc_3' });
    expect(made('responses', tails.make('4/arguments', '}', 'before')).event).toMatchObject({ item_id: 'fc_4' });
    noted(tails, 'responses', { type: 'response.function_call_arguments.delta', output_index: 6, delta: '{' });
    noted(tails, 'responses', { type: 'response.function_call_arguments.delta', output_index: 7, delta: '{', item: 'fc_7' });
    for (const index of ['5', '6', '7', '8']) {
      expect(made('responses', tails.make(`${index}/arguments`, '}', 'before')).event).not.toHaveProperty('item_id');
    }
  });
});
