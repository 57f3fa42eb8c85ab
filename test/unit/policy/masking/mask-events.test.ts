import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AnswerSubject } from '../../../../src/policy/masking/answer-filters.ts';
import { MaskedStream } from '../../../../src/policy/masking/mask-events.ts';
import type { BodyOperation } from '../../../../src/policy/llm/fields.ts';
import { madeStream, STREAMING, type StreamingOperation } from '../../../support/made-streams.ts';
import { readStream } from '../../../support/read-streams.ts';
import { placeholderOf, subjectOf } from './masks.ts';

const mail = 'jane@example.com';
const placeholder = placeholderOf('email', mail);
const restoring = subjectOf(undefined, { placeholders: new Map([[placeholder, mail]]) });
const redacting = subjectOf({ email: 'redact' });
const blocking = subjectOf({ email: 'block' });

const chunkShape = z.object({ choices: z.array(z.object({ index: z.number(), delta: z.record(z.string(), z.string()) })) });
const eventShape = z.looseObject({ sequence_number: z.number() });

interface Through {
  readonly text: string;
  readonly stream: MaskedStream;
}

function through(operation: BodyOperation, written: string, subject: AnswerSubject): Through {
  const stream = new MaskedStream(operation, subject);
  return { text: Buffer.concat([stream.push(Buffer.from(written)), stream.end()]).toString(), stream };
}

const chunk = (...choices: readonly object[]): string => `data: ${JSON.stringify({ id: 'c', choices })}\n\n`;
const named = (event: { readonly type: string; readonly [name: string]: unknown }): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const leaking = (operation: StreamingOperation): string =>
  madeStream(operation, { texts: [`so ${mail} and more`, 'x'], calls: ['{}', '{}'] }, [4]).join('');

const callPieces = (text: string): string =>
  chunk({
    index: 0,
    delta: {
      tool_calls: [0, 1].map((index) => ({ index, function: { arguments: text } })),
      function_call: { arguments: text },
    },
  });

describe('texts of a stream that go on side by side', () => {
  const fields = ['content', 'refusal', 'reasoning_content', 'reasoning'];
  it.each(fields)('%s of two choices', (field) => {
    const pieces = [placeholder.slice(0, 9), placeholder.slice(9)];
    const written = pieces.map((piece) => chunk({ index: 0, delta: { [field]: piece } }, { index: 1, delta: { [field]: `${piece}!` } }));
    const { text } = through('chat', written.join('') + chunk({ index: 0, delta: {}, finish_reason: 'stop' }), restoring);
    const said = ['', ''];
    for (const [, data = ''] of text.matchAll(/^data: (.*)$/gm)) {
      const { choices } = chunkShape.parse(JSON.parse(data));
      for (const { index, delta } of choices) {
        said[index] += delta[field] ?? '';
      }
    }
    // The second is cut by a sign of its own, and stays.
    expect(said).toEqual([mail, `${placeholder.slice(0, 9)}!${placeholder.slice(9)}!`]);
  });

  it('calls, and a function call beside them', () => {
    const args = `{"to":"${placeholder}"}`;
    const { text } = through('chat', callPieces(args.slice(0, 12)) + callPieces(args.slice(12)) + 'data: [DONE]\n\n', restoring);
    expect(text).not.toContain('PII_');
    expect(text.split(mail)).toHaveLength(4);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});

describe('a text in pieces', () => {
  const secret = ['so jane@exam', 'ple.com and on'];

  it.each<[string, (text: string) => object]>([
    ['of a part', (text) => ({ content: [{ type: 'text', text }] })],
    ['of a thought in parts', (text) => ({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] })],
    ['of a detail of a thought', (text) => ({ reasoning_details: [{ type: 'reasoning.text', index: 0, text }] })],
    ['of a detail of its summary', (text) => ({ reasoning_details: [{ type: 'reasoning.summary', index: 0, summary: text }] })],
  ])('%s is searched as one', (_, delta) => {
    const written = secret.map((text) => chunk({ index: 0, delta: delta(text) })).join('');
    const { text, stream } = through('chat', `${written}data: [DONE]\n\n`, redacting);
    expect(text).toContain('[REDACTED_EMAIL]');
    expect(text).not.toMatch(/jane|ple\.com/);
    expect(stream.refusal).toBeUndefined();
  });

  const [first = '', rest = ''] = secret;
  const piece = (text: string, more: object = {}): string => chunk({ index: 0, delta: { content: text }, ...more });
  const block = (text: string): string => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });

  it.each<[string, BodyOperation, string, string]>([
    ['why it ended', 'chat', piece(first, { finish_reason: 'stop' }), piece(rest)],
    ['the usage', 'chat', `${piece(first)}data: {"choices":[],"usage":{"total_tokens":3}}\n\n`, piece(rest)],
    ['the end of the stream', 'chat', `${piece(first)}data: [DONE]\n\n`, piece(rest)],
    ['the end of its block', 'messages', block(first) + named({ type: 'content_block_stop', index: 0 }), block(rest)],
  ])('may not go on behind %s', (_, operation, before, behind) => {
    const { text, stream } = through(operation, before + behind, redacting);
    expect(stream.refusal?.denial).toMatchObject({ code: 'answer_unreadable' });
    expect(text).not.toContain('ple.com');
    expect(through(operation, before + behind, restoring).stream.refusal).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['no error', 'data: {"error":null,"choices":[]}\n\n'],
    ['another text', chunk({ index: 1, delta: { content: 'x' }, finish_reason: 'stop' })],
  ])('goes on behind %s', (_, between) => {
    const { text, stream } = through('chat', piece(first) + between + piece(rest, { finish_reason: 'stop' }) + piece(''), redacting);
    expect(stream.refusal).toBeUndefined();
    expect(text).toContain('[REDACTED_EMAIL]');
  });
});

describe('log probabilities of a stream', () => {
  const logprobs = { content: [{ token: mail, logprob: -1, bytes: null, top_logprobs: [] }] };
  const written = chunk({ index: 0, delta: { content: 'x' }, logprobs });

  it('are emptied where it is searched', () => {
    expect(through('chat', written, redacting).text).toContain('"logprobs":null');
    expect(through('completions', chunk({ index: 0, text: 'x', logprobs }), redacting).text).toContain('"logprobs":null');
  });

  it('are left where values only come back', () => {
    expect(through('chat', written, restoring).text).toBe(written);
  });
});

describe.each(STREAMING)('a stream of %s that says what it may not', (operation) => {
  it('ends with an error of its API and nothing of it, whatever follows', () => {
    const { text, stream } = through(operation, leaking(operation), blocking);
    const read = readStream(operation, text);
    expect(read.error).toContain('Found: email.');
    expect(read.isDone).toBe(false);
    expect(text).not.toMatch(/jane|example/);
    expect(stream.refusal?.denial.code).toBe('answer_blocked');
    expect([...stream.counts]).toEqual([['email block', 1]]);
    expect(stream.push(Buffer.from(leaking(operation)))).toHaveLength(0);
    expect(stream.end()).toHaveLength(0);
  });
});

describe('the error event', () => {
  it('of a response is raised by clients old and new, and its number is the highest', () => {
    const { text } = through('responses', leaking('responses'), blocking);
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => eventShape.parse(JSON.parse(data)));
    const numbers = events.map(({ sequence_number: number }) => number);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    expect(new Set(numbers).size).toBe(numbers.length);
    const shared = { code: 'answer_blocked', param: null };
    expect(events.at(-1)).toMatchObject({ type: 'error', ...shared, error: { type: 'invalid_request_error', ...shared } });
    expect(text).toContain('event: error\n');
  });

  it('of a message is of the shape of its errors', () => {
    const { text } = through('messages', leaking('messages'), blocking);
    expect(text).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"permission_error","message":"[^"]+"\}\}\n\n$/);
  });
});

describe('a stream that cannot be read', () => {
  it.each<[string, string]>([
    ['an event that is no JSON', 'data: {"choices":[\n\n'],
    ['an event that says a thing twice', 'data: {"a":1,"a":2}\n\n'],
    ['an event over a megabyte', `data: {"id":"${'x'.repeat(1_048_576)}"}\n\n`],
    ['an event over a megabyte that never ends', `data: {"id":"${'x'.repeat(1_048_577)}`],
  ])('ends with an error: %s', (_, written) => {
    const { text, stream } = through('chat', written + chunk({ index: 0, delta: { content: 'more' } }), restoring);
    expect(stream.refusal?.denial.code).toBe('answer_unreadable');
    expect(readStream('chat', text).error).toContain('could not be checked');
    expect(text).not.toContain('more');
  });

  it('ends with an error that names the switch of what is no text, unless it may pass', () => {
    const written = named({ type: 'response.audio.delta', sequence_number: 0, delta: 'AAAA' });
    expect(through('responses', written, redacting).text).toContain('masking.response.pass');
    expect(through('responses', written, subjectOf({ email: 'redact' }, { pass: ['audio'] })).text).toBe(written);
  });
});

describe('an error of the provider in a stream', () => {
  it.each<[BodyOperation, string]>([
    ['chat', `data: ${JSON.stringify({ error: { message: `bad ${placeholder}` } })}\n\n`],
    ['messages', named({ type: 'error', error: { type: 'overloaded_error', message: `bad ${placeholder}` } })],
    ['responses', named({ type: 'error', sequence_number: 1, code: 'x', message: `bad ${placeholder}`, param: null })],
  ])('of %s has its values back, behind what was held', (operation, written) => {
    const held = operation === 'chat' ? chunk({ index: 0, delta: { content: 'PII_EM' } }) : '';
    const { text } = through(operation, held + written, restoring);
    expect(text).toContain(`bad ${mail}`);
    expect(text.indexOf('PII_EM')).toBeLessThan(text.indexOf('bad'));
  });
});

describe('a stream that breaks off', () => {
  const cut = `so ${placeholder.slice(0, 14)}`;

  it.each(['\n\n', '\n', ''])('has its rest in an event of its own: its last event ends in %j', (end) => {
    const { text } = through('chat', chunk({ index: 0, delta: { content: cut } }).trimEnd() + end, restoring);
    expect(readStream('chat', text).deltas.get('text 0')).toBe(cut);
  });

  it('within a line ends with its line feed alone', () => {
    const stream = new MaskedStream('chat', restoring);
    const pieces = ['data: {"choices":[]}\r\n\r', '\n', 'data: [DONE]\r\n\r', '\n'];
    expect(pieces.map((piece) => stream.push(Buffer.from(piece)).toString()).join('')).toBe(pieces.join(''));
  });

  it('is refused where it breaks off within what is to be blocked', () => {
    const { text, stream } = through('chat', chunk({ index: 0, delta: { content: mail } }).trimEnd(), blocking);
    expect(stream.refusal?.denial.code).toBe('answer_blocked');
    expect(readStream('chat', text).error).toContain('Found: email.');
    expect(text).not.toContain('jane');
  });
});

it('is byte for byte what its provider sent where nothing is to be done', () => {
  for (const operation of STREAMING) {
    const written = madeStream(operation, { texts: ['plain words, no more', 'x'], calls: ['{"a": 1}', '{}'] }, [100]).join('');
    expect(through(operation, written, restoring).text).toBe(written);
  }
});

it.each(STREAMING)('of %s counts what it says once, however often its events repeat it', (operation) => {
  const events = madeStream(operation, { texts: [`so ${mail} and more`, 'x'], calls: ['{}', '{}'] }, [4]);
  expect([...through(operation, events.join(''), redacting).stream.counts]).toEqual([['email redact', 1]]);
});

it('keeps a connection open without saying what a comment or another field says', () => {
  const written = `: ping ${mail}\n\nid: ${mail}\nretry: 10\n\n`;
  expect(through('chat', written, redacting).text).toBe(':\n\nretry: 10\n\n');
});

it.each(['embeddings', 'count_tokens'] as const)('of %s, which do not stream, is searched all the same', (operation) => {
  expect(through(operation, named({ type: 'x', note: mail }), redacting).text).toContain('[REDACTED_EMAIL]');
  expect(through(operation, named({ type: 'x', note: mail }), blocking).text).toContain('Found: email.');
});

it('counts placeholders that are not of its request', () => {
  const foreign = placeholderOf('email', 'someone@example.org');
  const { text, stream } = through('chat', chunk({ index: 0, delta: { content: `${foreign} ` } }), restoring);
  expect(text).toContain(foreign);
  expect(stream.unknownPlaceholders).toBe(1);
});
