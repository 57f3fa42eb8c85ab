import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { must } from '../../../../../src/core/assert.ts';
import type { BodyOperation } from '../../../../../src/policy/llm/fields.ts';
import { eventTexts, isClosed } from '../../../../../src/policy/llm/texts/event-texts.ts';
import type { EventTexts } from '../../../../../src/policy/llm/texts/event-texts.ts';
import { describePlace, textOf } from '../../../../../src/policy/llm/texts/site.ts';
import { dataOf as eventDataOf } from '../../../../../src/policy/llm/usage/sse-data.ts';
import { ANSWERS } from '../usage/samples.ts';
import { canariesIn } from './canary.ts';
import { chatEvents, completionEvents, messageEvents, responsesEvents } from './event-samples.ts';
import { found } from './found.ts';

const dataOf = (event: unknown): { bytes: Buffer; start: number } => ({ bytes: Buffer.from(JSON.stringify(event)), start: 6 });

function read(operation: BodyOperation, event: unknown): EventTexts {
  const reading = eventTexts(operation, dataOf(event));
  must(reading.kind === 'event', 'the sample is an event');
  return reading;
}

const rows = (operation: BodyOperation, events: readonly object[]): readonly (readonly [string, BodyOperation, object])[] =>
  events.map((event) => ['type' in event ? String(event.type) : 'a chunk', operation, event]);

const EVENTS = [
  ...rows('chat', chatEvents()),
  ...rows('completions', completionEvents()),
  ...rows('responses', responsesEvents()),
  ...rows('messages', messageEvents()),
];

/** Each flowing text: `part channel`. */
const flows = (operation: BodyOperation, event: unknown): readonly string[] =>
  read(operation, event).sites.flatMap(({ flow }) => (flow === undefined ? [] : [`${flow.part} ${flow.channel}`]));

describe('the texts of an event', () => {
  it.each(EVENTS)('are all found in %s (%s), as what they are', (_type, operation, event) => {
    const texts = read(operation, event);
    const { bytes } = dataOf(event);
    expect(found(bytes, texts)).toEqual(canariesIn(JSON.stringify(event)).toSorted());
    expect(texts.sites.filter((site) => site.kind === 'unknown').map((site) => describePlace(site.place))).toEqual([]);
  });

  it.each<[BodyOperation, object]>([
    ['responses', { type: 'response.dream.delta', delta: 'a text', deep: [{ 'a name': 'more' }] }],
    ['messages', { type: 'message_dream', text: 'a text', deep: [{ 'a name': 'more' }] }],
    ['messages', { text: 'a text', deep: [{ 'a name': 'more' }] }],
    ['responses', { type: 5, text: 'a text', deep: [{ 'a name': 'more' }] }],
    ['embeddings', { text: 'a text', deep: [{ 'a name': 'more' }] }],
    ['count_tokens', { text: 'a text', deep: [{ 'a name': 'more' }] }],
    ['chat', { choices: [], dream: { text: 'a text', deep: [{ 'a name': 'more' }] } }],
  ])('are unknown where the event is: %s %j', (operation, event) => {
    const { bytes } = dataOf(event);
    const { sites } = read(operation, event);
    const kinds = new Map(sites.map((site) => [textOf(bytes, site), site.kind]));
    expect(kinds.get('a text')).toBe('unknown');
    expect(kinds.get('more')).toBe('unknown');
    expect(kinds.get('a name')).toBe('key');
  });

  it.each(ANSWERS.map((answer) => [answer.operation, answer.events] as const))(
    'have no unknown ones among them in a stream of %s',
    (operation, framed) => {
      for (const event of framed) {
        const data = eventDataOf(Buffer.from(event));
        const reading = data === undefined ? undefined : eventTexts(operation, data);
        const unknown = reading?.kind === 'event' ? reading.sites.filter((site) => site.kind === 'unknown') : [];
        expect(unknown).toEqual([]);
      }
    },
  );

  it('end with [DONE], and are not told where the data is no JSON', () => {
    expect(eventTexts('chat', { bytes: Buffer.from('[DONE]'), start: 6 })).toEqual({ kind: 'done' });
    expect(eventTexts('chat', { bytes: Buffer.from('[DONE] '), start: 6 })).toMatchObject({ kind: 'refused' });
    expect(eventTexts('messages', { bytes: Buffer.from('{"type":"ping"'), start: 6 })).toMatchObject({ kind: 'refused' });
  });
});

const choice = (index: number | undefined, delta: object, finish: string | null = null): object => ({
  index,
  delta,
  finish_reason: finish,
});

describe('the channels of an event', () => {
  it.each<[string, BodyOperation, unknown, readonly string[]]>([
    [
      'each choice has its own',
      'chat',
      { choices: [choice(0, { content: 'a' }), choice(1, { content: 'b' })] },
      ['delta 0/content', 'delta 1/content'],
    ],
    [
      'each call has its own',
      'chat',
      {
        choices: [
          choice(2, {
            tool_calls: [
              { index: 0, function: { arguments: 'a' } },
              { index: 1, function: { arguments: 'b' } },
            ],
          }),
        ],
      },
      ['delta 2.0/arguments', 'delta 2.1/arguments'],
    ],
    [
      'calls without an index are told by where they stand',
      'chat',
      { choices: [choice(undefined, { tool_calls: [{ function: { arguments: 'a' } }, { function: { arguments: 'b' } }] })] },
      ['delta 0.0/arguments', 'delta 0.1/arguments'],
    ],
    ['an index that is none counts as none', 'chat', { choices: [{ index: '1/content', delta: { content: 'a' } }] }, ['delta 0/content']],
    ['an empty piece is one', 'chat', { choices: [choice(0, { content: '' }, 'stop')] }, ['delta 0/content']],
    ['completions', 'completions', { choices: [{ index: 3, text: 'a' }] }, ['delta 3/text']],
    [
      'blocks',
      'messages',
      { type: 'content_block_delta', index: 4, delta: { type: 'input_json_delta', partial_json: 'a' } },
      ['delta 4/partial_json'],
    ],
    [
      'a block may begin with text',
      'messages',
      { type: 'content_block_start', index: 4, content_block: { type: 'text', text: 'a' } },
      ['delta 4/text'],
    ],
    ['a thought has none', 'messages', { type: 'content_block_delta', index: 4, delta: { type: 'thinking_delta', thinking: 'a' } }, []],
    [
      'a response repeats all',
      'responses',
      {
        type: 'response.completed',
        response: {
          output: [
            { type: 'reasoning', summary: [{ type: 'summary_text', text: 'a' }] },
            {
              type: 'message',
              content: [
                { type: 'output_text', text: 'a' },
                { type: 'refusal', refusal: 'b' },
              ],
            },
            { type: 'function_call', arguments: '{}' },
          ],
        },
      },
      ['whole 0.0/summary', 'whole 1.0/text', 'whole 1.1/refusal', 'whole 2/arguments'],
    ],
  ])('%s', (_name, operation, event, expected) => {
    expect(flows(operation, event)).toEqual(expected);
  });

  it('are the same for the pieces of a text and the events that repeat it', () => {
    const place = { output_index: 2, content_index: 1 };
    const part = { type: 'output_text', text: 'ab' };
    expect(flows('responses', { type: 'response.output_text.delta', ...place, delta: 'a' })).toEqual(['delta 2.1/text']);
    expect(flows('responses', { type: 'response.output_text.done', ...place, text: 'ab' })).toEqual(['whole 2.1/text']);
    expect(flows('responses', { type: 'response.content_part.done', ...place, part })).toEqual(['whole 2.1/text']);
    const item = { type: 'message', content: [{ type: 'refusal', refusal: '' }, part] };
    expect(flows('responses', { type: 'response.output_item.done', output_index: 2, item })).toEqual(['whole 2.1/text']);
  });

  it.each<[string, BodyOperation, object, readonly string[], readonly string[]]>([
    [
      'a choice that says why it ended',
      'chat',
      { choices: [choice(1, {}, 'stop')] },
      ['1/content', '1.0/arguments'],
      ['0/content', '11/content'],
    ],
    ['a chunk with usage', 'chat', { choices: [], usage: {} }, ['0/content', '1.0/arguments'], []],
    ['an error', 'chat', { error: { message: 'x' } }, ['0/content'], []],
    ['an error beside a choice', 'chat', { choices: [choice(0, {})], error: { message: 'x' } }, ['1/content'], []],
    ['a chunk without choices or usage', 'chat', { choices: [], prompt_filter_results: [] }, [], ['0/content']],
    [
      'a choice that ended for no reason',
      'chat',
      { choices: [{ index: 0, delta: { content: 'a' }, finish_reason: '' }] },
      [],
      ['0/content'],
    ],
    ['any other chunk', 'chat', { choices: [choice(1, { content: 'a' })] }, [], ['1/content', '0/content']],
    ['the end of a block', 'messages', { type: 'content_block_stop', index: 1 }, ['1/text', '1/partial_json'], ['0/text', '10/text']],
    [
      'the end of a message',
      'messages',
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: {} },
      ['0/text', '7/text'],
      [],
    ],
    ['an error of a message', 'messages', { type: 'error', error: {} }, ['0/text'], []],
    ['a ping', 'messages', { type: 'ping' }, [], ['0/text']],
    [
      'the end of a text',
      'responses',
      { type: 'response.output_text.done', output_index: 0, content_index: 1, text: 'a' },
      ['0.1/text'],
      ['0.0/text', '0.11/text'],
    ],
    [
      'the end of an item',
      'responses',
      { type: 'response.output_item.done', output_index: 0, item: { type: 'message', content: [] } },
      ['0.0/text', '0.1/text', '0/arguments'],
      ['1.0/text'],
    ],
    ['the end of a transcript', 'responses', { type: 'response.audio.transcript.done' }, ['/transcript'], ['0.0/text']],
    ['the end of a response', 'responses', { type: 'response.completed', response: {} }, ['0.0/text', '3/arguments'], []],
    ['progress', 'responses', { type: 'response.web_search_call.searching', output_index: 0 }, [], ['0.0/text']],
  ])('are closed by %s', (_name, operation, event, closed, open) => {
    const texts = read(operation, event);
    expect(closed.filter((channel) => !isClosed(texts, channel))).toEqual([]);
    expect(open.filter((channel) => isClosed(texts, channel))).toEqual([]);
  });
});
