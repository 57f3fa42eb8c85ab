import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { AnswerSubject } from '../../../../src/policy/masking/answer-filters.ts';
import { MaskedStream } from '../../../../src/policy/masking/mask-events.ts';
import { maskingOf, planFor } from '../../../../src/policy/masking/masking.ts';
import { madeStream, STREAMING, type StreamingOperation } from '../../../support/made-streams.ts';
import { readStream, type ReadStream } from '../../../support/read-streams.ts';
import { placeholderOf, ruleOf } from './masks.ts';

const mail = 'jane@example.com';
const placeholder = placeholderOf('email', mail);
const patterns = new Map([['code', { regex: '\u{1f600}[0-9]{3}\u{1f600}?', longest: 7, context: undefined }]]);
const subject: AnswerSubject = {
  plan: planFor(maskingOf(ruleOf({ response: { email: 'redact', code: 'redact' } }), { patterns, names: [] })).response,
  placeholders: new Map([[placeholder, '\u{1f600}@home']]),
  said: new Set(),
};

const written: readonly (readonly [string, string, string])[] = [
  ['beside one', '\u{1f600}bob@example.com\u{1f600}', '\u{1f600}[REDACTED_EMAIL]\u{1f600}'],
  ['within one', 'a \u{1f600}123\u{1f600} b', 'a [REDACTED_CODE] b'],
  ['at the beginning of one', '\u{1f600}\u{1f600}123', '\u{1f600}[REDACTED_CODE]'],
  ['beside one that comes back', `\u{1f600}${placeholder}\u{1f600}`, '\u{1f600}\u{1f600}@home\u{1f600}'],
  ['alone, the first half', 'so \ud83d bob@example.com \ud83d', 'so \ud83d [REDACTED_EMAIL] \ud83d'],
  ['alone, the second half', '\ude00 bob@example.com\ude00', '\ude00 [REDACTED_EMAIL]\ude00'],
  ['the wrong way round', '\ude00\ud83dbob@example.com', '\ude00\ud83d[REDACTED_EMAIL]'],
];

function read(operation: StreamingOperation, text: string, size: number): ReadStream {
  const call = JSON.stringify({ to: text });
  const events = madeStream(operation, { texts: [text, 'x'], calls: [call, '{}'] }, [size]).join('');
  expect(events).toMatch(/\\ud83d"|\\ude00/);
  const stream = new MaskedStream(operation, subject);
  const passed = Buffer.concat([stream.push(Buffer.from(events)), stream.end()]).toString();
  expect(stream.refusal).toBeUndefined();
  return readStream(operation, passed);
}

describe.each(STREAMING)('a stream of %s whose pieces end within a pair of surrogates', (operation) => {
  it.each(written)('has its values hidden, and its texts whole: %s', (_, said, expected) => {
    const { deltas, wholes } = read(operation, said, 1);
    expect(deltas.get('text 0')).toBe(expected);
    expect(JSON.parse(deltas.get('call 0') ?? '{"to":""}')).toEqual(operation === 'completions' ? { to: '' } : { to: expected });
    expect(wholes.filter((whole) => whole.includes('bob'))).toEqual([]);
  });
});

it('is refused where a name has half of a pair: readers could take it for another', () => {
  const stream = new MaskedStream('chat', subject);
  stream.push(Buffer.from('data: {"choices":[],"\\ud83d":1}\n\n'));
  expect(stream.refusal?.denial.code).toBe('answer_unreadable');
});
