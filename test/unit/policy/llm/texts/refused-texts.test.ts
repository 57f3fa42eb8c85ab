import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { BodyOperation } from '../../../../../src/policy/llm/fields.ts';
import { requestTexts } from '../../../../../src/policy/llm/texts/body-texts.ts';
import { describePlace, textOf } from '../../../../../src/policy/llm/texts/site.ts';

/** Each site as `place: kind text`. */
function sitesOf(operation: BodyOperation, body: unknown): readonly string[] {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return requestTexts(operation, bytes).sites.map((site) => `${describePlace(site.place)}: ${site.kind} ${textOf(bytes, site)}`);
}

const user = (content: unknown): object => ({ messages: [{ role: 'user', content }] });

const reasoning = (sealed: unknown): object => ({ input: [{ type: 'reasoning', summary: [], encrypted_content: sealed }] });

describe('what no table names', () => {
  it.each<[string, BodyOperation, unknown, readonly string[]]>([
    [
      'a part of a type nobody knows',
      'chat',
      user([{ type: 'hologram', text: 'a' }]),
      [
        'messages[0].content[0]{0}: key type',
        'messages[0].content[0]{0}: unknown hologram',
        'messages[0].content[0]{1}: key text',
        'messages[0].content[0]{1}: unknown a',
      ],
    ],
    [
      'a part of another API',
      'messages',
      user([{ type: 'input_text', text: 'a' }]),
      [
        'messages[0].content[0]{0}: key type',
        'messages[0].content[0]{0}: unknown input_text',
        'messages[0].content[0]{1}: key text',
        'messages[0].content[0]{1}: unknown a',
      ],
    ],
    [
      'a part without a type',
      'chat',
      user([{ text: 'a' }]),
      ['messages[0].content[0]{0}: key text', 'messages[0].content[0]{0}: unknown a'],
    ],
    [
      'a part whose type is no string',
      'chat',
      user([{ type: { text: 'a' } }]),
      ['messages[0].content[0]{0}: key type', 'messages[0].content[0]{0}{0}: key text', 'messages[0].content[0]{0}{0}: unknown a'],
    ],
    [
      'a tool whose type is a list',
      'messages',
      { tools: [{ type: ['a'], name: 'b' }] },
      ['tools[0]{0}: key type', 'tools[0]{0}[0]: unknown a', 'tools[0]{1}: key name', 'tools[0]{1}: unknown b'],
    ],
    ['a part that is a string', 'chat', user(['a']), ['messages[0].content[0]: unknown a']],
    [
      'a text that is an object',
      'chat',
      user([{ type: 'text', text: { a: 'b' } }]),
      ['messages[0].content[0].text{0}: key a', 'messages[0].content[0].text{0}: unknown b'],
    ],
    [
      'a member of a message',
      'chat',
      { messages: [{ role: 'user', whisper: 'a' }] },
      ['messages[0]{1}: key whisper', 'messages[0]{1}: unknown a'],
    ],
    [
      'a member in another letter case',
      'chat',
      { messages: [{ role: 'user', Content: 'a' }] },
      ['messages[0]{1}: key Content', 'messages[0]{1}: unknown a'],
    ],
    ['a field of the request', 'chat', { dream: ['a'] }, ['{0}: key dream', '{0}[0]: unknown a']],
    [
      'a role nobody knows',
      'chat',
      { messages: [{ role: 'oracle', content: 'a' }] },
      ['messages[0].role: unknown oracle', 'messages[0].content: text a'],
    ],
    ['a word of the API that is none of its words', 'chat', { service_tier: 'Jane Doe' }, ['service_tier: unknown Jane Doe']],
    ['a string where a number belongs', 'chat', { temperature: 'a' }, ['temperature: unknown a']],
    ['an object where a number belongs', 'chat', { temperature: { a: 1 } }, ['temperature{0}: key a']],
    [
      'an id that is none',
      'chat',
      { messages: [{ role: 'tool', tool_call_id: 'jane@example.com', content: '' }] },
      ['messages[0].tool_call_id: unknown jane@example.com'],
    ],
    ['a list where an object belongs', 'chat', { tools: [['a']] }, ['tools[0][0]: unknown a']],
    ['an object where a list belongs', 'chat', { messages: { a: 'b' } }, ['messages{0}: key a', 'messages{0}: unknown b']],
    [
      'an item of a type nobody knows',
      'responses',
      { input: [{ type: 'dream', text: 'a' }] },
      ['input[0]{0}: key type', 'input[0]{0}: unknown dream', 'input[0]{1}: key text', 'input[0]{1}: unknown a'],
    ],
    [
      'a tool of a type nobody knows',
      'messages',
      { tools: [{ type: 'oracle_2027', name: 'a' }] },
      ['tools[0]{0}: key type', 'tools[0]{0}: unknown oracle_2027', 'tools[0]{1}: key name', 'tools[0]{1}: unknown a'],
    ],
    ['text among tokens', 'embeddings', { input: [1, 2, 'a'] }, ['input[2]: unknown a']],
  ])('is there as unknown: %s', (_name, operation, body, expected) => {
    expect(sitesOf(operation, body)).toEqual(expected);
  });

  it('is the name alone where the value holds no text', () => {
    expect(sitesOf('chat', { dream: true, '4111 1111': null, empty: '', none: [], small: 12 })).toEqual([
      '{0}: key dream',
      '{1}: key 4111 1111',
      '{2}: key empty',
      '{3}: key none',
      '{4}: key small',
    ]);
  });
});

describe('what may be somebody s', () => {
  it('is a number of data, and one that no table names', () => {
    const input = { card: 4_111_111_111_111_111, list: [-98_765, 123], deep: { card: 1.5e10 } };
    const content = [{ type: 'tool_use', id: 'toolu_1', name: 'pay', input }];
    const found = sitesOf('messages', { messages: [{ role: 'assistant', content }], dream: 98_765, max_tokens: 98_765 });
    expect(found.filter((site) => site.includes(': number'))).toEqual([
      'messages[0].content[0].input{0}: number 4111111111111111',
      'messages[0].content[0].input{1}[0]: number -98765',
      'messages[0].content[0].input{2}{0}: number 15000000000',
      '{1}: number 98765',
    ]);
  });

  it.each([
    ['call_123456789', 'text'],
    ['123456789', 'text'],
    ['0-123456789-0', 'text'],
    ['call_12345678', 'id'],
    ['call_a123456789', 'id'],
    ['call_123456789a', 'id'],
    ['4111-1111-1111-1111', 'id'],
    ['12-3456', 'id'],
    ['callthebaker_abc', 'id'],
    ['callthebaker_ab', undefined],
    ['1234.5', undefined],
    ['call_1|fc_2', undefined],
    ['call 1', 'unknown'],
    ['c\u00e9', 'unknown'],
    ['a'.repeat(300), 'unknown'],
  ])('is an id with a number that stands alone, or that may be one or a key: %s is %s', (id, kind) => {
    const bytes = Buffer.from(JSON.stringify({ messages: [{ role: 'tool', tool_call_id: id }] }));
    expect(requestTexts('chat', bytes).sites.map((site) => site.kind)).toEqual(kind === undefined ? [] : [kind]);
  });

  it.each([
    [`gAAAAAB${'x_-'.repeat(40)}==`, []],
    ['write to jane', ['input[0].encrypted_content: signed write to jane']],
    [`${'x'.repeat(80)} ${'y'.repeat(80)}`, [`input[0].encrypted_content: signed ${'x'.repeat(80)} ${'y'.repeat(80)}`]],
    [{ to: 'jane' }, ['input[0].encrypted_content{0}: key to', 'input[0].encrypted_content{0}: unknown jane']],
  ])('is sealed only by its name: %j', (sealed, sites) => {
    expect(sitesOf('responses', reasoning(sealed))).toEqual(sites);
  });

  it('is a vector that is none', () => {
    expect(sitesOf('chat', { model: 'vendor/model 1@2' })).toEqual([]);
    expect(sitesOf('chat', { model: 'Jane <jane@example.com>' })).toEqual(['model: unknown Jane <jane@example.com>']);
  });
});

describe('the spelling of a body', () => {
  it('makes no difference to what is found', () => {
    const escaped = String.raw`{"m\u0065ssages":[{"content":[{"\u0074ext":"\u0061","typ\u0065":"t\u0065xt"}],"rol\u0065":"us\u0065r"}]}`;
    const bytes = Buffer.from(escaped);
    const { sites } = requestTexts('chat', bytes);
    expect(sites.map(({ kind, origin, place }) => [kind, origin, describePlace(place)])).toEqual([
      ['text', 'user', 'messages[0].content[0].text'],
    ]);
    expect(sites.map((site) => textOf(bytes, site))).toEqual(['a']);
  });

  it('may hold white space, empty containers and types that come last', () => {
    const spaced = ' { "messages" : [ { "content" : [ { "text" : "a" , "type" : "text" } , { } ] , "role" : "user" } ] , "tools" : [ ] } ';
    expect(sitesOf('chat', spaced)).toEqual(['messages[0].content[0].text: text a']);
  });

  it('has words of the API only unescaped', () => {
    expect(sitesOf('chat', String.raw`{"messages":[{"tool_call_id":"call\u005f1"}]}`)).toEqual([
      'messages[0].tool_call_id: unknown call_1',
    ]);
  });
});

describe('the tokens of a request', () => {
  it.each([
    ['a list', [1, 2, 3], ['input']],
    ['lists', [[1], [2, 3]], ['input[0]', 'input[1]']],
    ['nothing', [], []],
  ])('are one thing that cannot be read: %s', (_name, input, expected) => {
    const { sites, unreadable } = requestTexts('embeddings', Buffer.from(JSON.stringify({ input })));
    expect(unreadable.map(({ what, place }) => `${what} ${describePlace(place)}`)).toEqual(expected.map((place) => `tokens ${place}`));
    expect(sites).toEqual([]);
  });
});

describe('what cannot be read', () => {
  it('is nothing where nothing is there', () => {
    const body = { messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: '', file_id: null } }] }] };
    expect(requestTexts('chat', Buffer.from(JSON.stringify(body))).unreadable).toEqual([]);
  });

  it('is a message of the provider s own where an item has an id alone', () => {
    const body = { input: [{ id: 'msg_1' }, { type: 'message', role: 'user', content: 'a', id: 'msg_2' }] };
    const { unreadable } = requestTexts('responses', Buffer.from(JSON.stringify(body)));
    expect(unreadable.map(({ what, place }) => `${what} ${describePlace(place)}`)).toEqual(['reference input[0].id']);
  });
});
