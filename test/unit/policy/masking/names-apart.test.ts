import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SCAN_LIMITS } from '../../../../src/policy/json/document.ts';
import { scanDocument } from '../../../../src/policy/json/scan.ts';
import { maskAnswer } from '../../../../src/policy/masking/mask-answer.ts';
import { MaskedStream } from '../../../../src/policy/masking/mask-events.ts';
import { bytesOf, chat, found, maskedBy, placeholderOf, ruleOf, subjectOf } from './masks.ts';

const users = {
  'a@example.com': 1,
  'b@example.com': { 'c@example.com': 2, 'd@example.com': 3 },
  '[REDACTED_EMAIL] (2)': 4,
  'e@example.com': 5,
};
const apart =
  '{"[REDACTED_EMAIL]":1,"[REDACTED_EMAIL] (3)":{"[REDACTED_EMAIL]":2,"[REDACTED_EMAIL] (2)":3},"[REDACTED_EMAIL] (2)":4,"[REDACTED_EMAIL] (4)":5}';
const tool = (parameters: object): Buffer => chat('hi', { tools: [{ type: 'function', function: { name: 'x', parameters } }] });
const readable = (body: Buffer): string => scanDocument(body, DEFAULT_SCAN_LIMITS).kind;

describe('names of one object that are hidden by the same words', () => {
  it('stay apart in a request, and a value keeps the name of its own', () => {
    const rule = ruleOf({ request: { email: 'redact' } });
    const { body } = found(maskedBy(rule, tool(users)));
    expect(body.toString()).toContain(apart);
    expect(readable(body)).toBe('object');
    expect(found(maskedBy(rule, body)).body.equals(body)).toBe(true);
  });

  it('stay apart where they are two spellings of one value', () => {
    const { body } = found(maskedBy(ruleOf({ request: { email: 'mask' } }), tool({ 'a@example.com': 1, 'a\\u0040example.com': 2 })));
    const placeholder = placeholderOf('email', 'a@example.com');
    expect(body.toString()).toContain(`{"${placeholder}":1,"${placeholder} (2)":2}`);
  });

  it('stay apart in an answer', () => {
    const error = bytesOf({ error: { message: 'no', type: 'x', details: users } });
    const { body } = found(maskAnswer('chat', 'json', error, subjectOf({ email: 'redact' })));
    expect(body.toString()).toContain(apart);
    expect(readable(body)).toBe('object');
  });

  it('stay apart where the same value comes back for both', () => {
    const placeholder = placeholderOf('email', 'a@example.com');
    const error = bytesOf({ error: { message: 'no', type: 'x', details: { [placeholder]: 1, [placeholder.toLowerCase()]: 2 } } });
    const placeholders = new Map([[placeholder, 'a@example.com']]);
    const { body } = found(maskAnswer('chat', 'json', error, subjectOf(undefined, { placeholders })));
    expect(body.toString()).toContain('{"a@example.com":1,"a@example.com (2)":2}');
  });

  it('stay apart in an event of a stream', () => {
    const stream = new MaskedStream('chat', subjectOf({ email: 'redact' }));
    const event = `data: ${bytesOf({ error: { message: 'no', details: users } }).toString()}\n\n`;
    expect(Buffer.concat([stream.push(Buffer.from(event)), stream.end()]).toString()).toContain(apart);
  });

  it('takes a time that grows with their number alone', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`u${String(index)}@example.com`, 1]));
    const { body } = found(maskedBy(ruleOf({ request: { email: 'redact' } }), tool(many)));
    expect(body.toString()).toContain('"[REDACTED_EMAIL] (20000)"');
  }, 10_000);
});
