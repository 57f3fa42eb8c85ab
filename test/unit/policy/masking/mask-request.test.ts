import { describe, expect, it } from 'vitest';
import type { MaskAction, PassKind } from '../../../../src/core/masking.ts';
import type { BodyOperation } from '../../../../src/policy/llm/fields.ts';
import { mergeRules } from '../../../../src/policy/masking/merge-rules.ts';
import { maskRequest } from '../../../../src/policy/masking/mask-request.ts';
import { maskingOf, planFor, planWithNames } from '../../../../src/policy/masking/masking.ts';
import { openPlaceholders } from '../../../../src/policy/masking/placeholder.ts';
import { openRestorer } from '../../../../src/policy/masking/restore.ts';
import { bytesOf, chat, denied, found, maskedBy, placeholderOf, ruleOf } from './masks.ts';

const mail = 'jane@example.com';
const card = '4111 1111 1111 1111';
const hiding = ruleOf({ request: { email: 'mask' } });
const placeholder = placeholderOf('email', mail);

const part = (content: object): Buffer => chat([content]);
const blocks = (...content: readonly object[]): Buffer => bytesOf({ model: 'm', messages: [{ role: 'assistant', content }] });
const thinking = (said: string): Buffer => blocks({ type: 'thinking', thinking: said, signature: 'c2lnbmVk' });

const unreadable: readonly (readonly [PassKind, BodyOperation, Buffer])[] = [
  ['image', 'chat', part({ type: 'image_url', image_url: { url: 'https://example.org/a.png' } })],
  ['audio', 'chat', part({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } })],
  ['video', 'chat', part({ type: 'video_url', video_url: { url: 'https://example.org/a.mp4' } })],
  ['file', 'chat', part({ type: 'file', file: { file_data: 'AAAA', filename: 'a.pdf' } })],
  ['reference', 'chat', part({ type: 'file', file: { file_id: 'file-1' } })],
  ['tokens', 'embeddings', bytesOf({ model: 'm', input: [[1_000, 2_000]] })],
  ['tokens', 'completions', bytesOf({ model: 'm', prompt: [1_000, 2_000] })],
  ['encrypted', 'messages', blocks({ type: 'redacted_thinking', data: 'AAAA' })],
];

const tool = (parameters: object): Buffer => chat('hi', { tools: [{ type: 'function', function: { name: 'x', parameters } }] });

describe('a request of which a part cannot be read', () => {
  it.each(unreadable)('%s in %s is refused with the name of its switch', (what, operation, bytes) => {
    const [code, hint] = denied(maskedBy(hiding, bytes, operation)) ?? [];
    expect(code).toBe('content_unreadable');
    expect(hint).toContain(`add "${what}" to masking.request.pass`);
  });

  it.each(unreadable)('%s in %s passes where it may', (what, operation, bytes) => {
    const { body } = found(maskedBy(ruleOf({ request: { email: 'mask' }, pass: [what] }), bytes, operation));
    expect(body.equals(bytes)).toBe(true);
  });

  it.each(unreadable)('%s in %s passes where everything is only logged', (_, operation, bytes) => {
    expect(found(maskedBy(ruleOf({ request: { email: 'log' } }), bytes, operation)).body.equals(bytes)).toBe(true);
  });

  it('is refused for content of an unknown kind, and passes where nothing is hidden', () => {
    const bytes = part({ type: 'hologram', hologram: mail });
    expect(denied(maskedBy(ruleOf({ request: { email: 'mask' }, pass: ['image', 'file'] }), bytes))?.[0]).toBe('content_unreadable');
    expect(found(maskedBy(ruleOf({ request: { email: 'log' } }), bytes)).body.equals(bytes)).toBe(true);
  });

  it('is refused for a signed block in which something is to be hidden, and only then', () => {
    expect(found(maskedBy(hiding, thinking('nothing'), 'messages')).body.equals(thinking('nothing'))).toBe(true);
    const [code, hint] = denied(maskedBy(hiding, thinking(mail), 'messages')) ?? [];
    expect(code).toBe('content_unreadable');
    expect(hint).toContain('"signed"');
    expect(hint).not.toContain(mail);
  });

  it.each([mail, `${'x'.repeat(80)} ${mail}`])('refuses a value that only says it is sealed: %s', (data) => {
    const rule = ruleOf({ request: { email: 'mask' }, pass: ['encrypted'] });
    const outcome = maskedBy(rule, blocks({ type: 'redacted_thinking', data }), 'messages');
    expect(denied(outcome)?.[0]).toBe('content_unreadable');
    expect(maskedBy(rule, blocks({ type: 'redacted_thinking', data: 'QUJD'.repeat(30) }), 'messages').kind).toBe('next');
  });

  it.each([ruleOf({ request: { email: 'mask' }, pass: ['signed'] }), ruleOf({ request: { email: 'log' } })])(
    'never has a signed block changed',
    (rule) => {
      expect(found(maskedBy(rule, thinking(mail), 'messages')).body.equals(thinking(mail))).toBe(true);
    },
  );
});

describe('a number with the signs of fine print', () => {
  const rule = ruleOf({ request: { card: 'mask', phone: 'mask' } });

  it.each(['4111\u202f1111\u202f1111\u202f1111', '4111\u20111111\u20111111\u20111111', '+1\u2009415\u2011555\u20112671'])(
    '%j is found, and comes back as it was',
    (number) => {
      for (const content of [`it is ${number}, so`, JSON.stringify({ it: number }), String.raw`{"cut": "${number}`]) {
        const { body, placeholders } = found(maskedBy(rule, chat(content)));
        expect(body.toString()).toMatch(/PII_(?:CARD|PHONE)_[A-Z2-7]{12}/);
        expect([...placeholders.values()]).toEqual([number]);
      }
    },
  );

  it('is found in a name of the settings and of an analyzer, too', () => {
    const name = 'Jean\u2011Luc Picard';
    const named = ruleOf({ request: { person: 'mask' } });
    const subject = { operation: 'chat', bytes: chat(`ask ${name}, please`), placeholderOf } as const;
    for (const plan of [planFor(maskingOf(named, { patterns: new Map(), names: [name] })), planWithNames(maskingOf(named), [name])]) {
      expect([...found(maskRequest({ ...subject, plan })).placeholders.values()]).toEqual([name]);
    }
  });

  it('stays as it was written where nothing is found', () => {
    const content = 'Jean\u2011Luc, 12\u202f345 and {"a":"1\u20112"}';
    expect(found(maskedBy(rule, chat(content))).body.equals(chat(content))).toBe(true);
  });
});

describe('an id of a request', () => {
  const rule = ruleOf({ request: { card: 'mask', us_ssn: 'mask', iban: 'mask', ip: 'mask', secret: 'mask' } });

  it.each([
    ['4111-1111-1111-1111', 'CARD'],
    ['user:123-45-6789', 'US_SSN'],
    ['DE89370400440532013000', 'IBAN'],
    ['203.0.113.77', 'IP'],
    ['AKIAQ3EGVJ5RBZK7WT2P', 'SECRET'],
  ])('has its value hidden, the same wherever it stands: %s', (id, type) => {
    const bytes = bytesOf({
      model: 'm',
      messages: [
        { role: 'assistant', tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: id, content: 'x' },
      ],
      prompt_cache_options: { [id]: id },
    });
    const written = found(maskedBy(rule, bytes)).body.toString();
    expect(new Set(written.match(/PII_[A-Z_]+_[A-Z2-7]{12}/g)).size).toBe(1);
    expect(written.match(new RegExp(`PII_${type}_`, 'g'))?.length).toBe(4);
  });

  it.each(['call_Jk29dHq7sXw0ZbYtR4mN8pLc', 'toolu_01A09q90qw90lq917835lq9', '550e8400-e29b-41d4-a716-446655440000', 'ephemeral'])(
    'stays as it is where it is one: %s',
    (id) => {
      const bytes = bytesOf({ model: 'gpt-4o-2024-08-06', messages: [{ role: 'tool', tool_call_id: id, content: 'x' }] });
      expect(found(maskedBy(rule, bytes)).body.equals(bytes)).toBe(true);
    },
  );
});

describe('what is done with a value', () => {
  it.each<[MaskAction, string, number]>([
    ['log', `to ${mail}`, 0],
    ['mask', `to ${placeholder}`, 1],
    ['redact', 'to [REDACTED_EMAIL]', 0],
  ])('%s', (action, sent, placeholders) => {
    const masked = found(maskedBy(ruleOf({ request: { email: action } }), chat(`to ${mail}`)));
    expect(masked.body.equals(chat(sent))).toBe(true);
    expect(masked.placeholders.size).toBe(placeholders);
    expect([...masked.counts]).toEqual([[`email ${action}`, 1]]);
  });

  it('block: refused with entity and place, without a character of it', () => {
    const outcome = maskedBy(ruleOf({ request: { email: 'block' } }), chat(`to ${mail}`));
    expect(denied(outcome)).toEqual(['content_blocked', 'Found: email in messages[0].content.']);
    expect(JSON.stringify(outcome)).not.toContain('jane');
  });

  it('is the strictest of what several policies ask for', () => {
    const rules = [{ email: 'log' }, { email: 'redact', card: 'mask' }, { email: 'mask' }] as const;
    const rule = mergeRules(rules.map((request) => ruleOf({ request })));
    expect(found(maskedBy(rule, chat(`${mail}, ${card}`))).body.toString()).toMatch(/\[REDACTED_EMAIL\], PII_CARD_[A-Z2-7]{12}"/);
  });

  it('lets pass only what all policies let pass, and brings back only what all bring back', () => {
    const one = ruleOf({ request: { email: 'mask' }, pass: ['image', 'file'] });
    const other = ruleOf({ request: { email: 'mask' }, pass: ['file', 'audio'], restore: false });
    expect(mergeRules([one, other]).request).toMatchObject({ pass: ['file'], restore: false });
    expect(mergeRules([ruleOf({ response: { email: 'log' } })]).request).toBeUndefined();
    expect(found(maskedBy(other, chat(mail))).placeholders.size).toBe(0);
  });

  it('is the strictest where findings overlap, on all of what any of them covers', () => {
    const text = 'https://app:s3cr3t@10.1.2.3/x';
    const sent = (request: Readonly<Record<string, MaskAction>>): string =>
      found(maskedBy(ruleOf({ request }), chat(text))).body.toString();
    expect(sent({ url_credentials: 'log', ip: 'redact' })).not.toContain('10.1.2.3');
    expect(sent({ url_credentials: 'redact', ip: 'log' })).not.toContain('s3cr3t');
    expect(denied(maskedBy(ruleOf({ request: { url_credentials: 'block', ip: 'log' } }), chat(text)))?.[0]).toBe('content_blocked');
  });

  it('is nothing where only answers are searched, and what they may say is remembered', () => {
    const { body, said, counts, placeholders } = found(maskedBy(ruleOf({ response: { email: 'redact' } }), chat(`${mail} {"a":1}`)));
    expect(body.equals(chat(`${mail} {"a":1}`))).toBe(true);
    expect([...said]).toEqual([mail]);
    expect(counts.size + placeholders.size).toBe(0);
    expect(found(maskedBy(ruleOf({}), chat(mail))).said.size).toBe(0);
  });

  it('leaves log probabilities of an earlier answer empty', () => {
    const content = [{ type: 'output_text', text: 'x', annotations: [], logprobs: [{ token: mail, logprob: -1, top_logprobs: [] }] }];
    const body = bytesOf({ model: 'm', input: [{ type: 'message', role: 'assistant', content }] });
    expect(found(maskedBy(hiding, body, 'responses')).body.toString()).toContain('"logprobs":[]');
    expect(found(maskedBy(ruleOf({ request: { email: 'log' } }), body, 'responses')).body.equals(body)).toBe(true);
  });

  it.each([
    ['[4111111111111111,1]', '["[REDACTED_CARD]",1]'],
    ['{"card": 4111111111111111}', '{"card": "[REDACTED_CARD]"}'],
    ['{"n": 12345678901234567890123456789012345678901234567890123456789012345678901234567890}', undefined],
    ['["4111 1111 1111 1111",true]', '["[REDACTED_CARD]",true]'],
    ['{"a":"4111 1111","b":"1111 1111"}', undefined],
  ])('keeps JSON what it is: %s', (content, sent = content) => {
    expect(found(maskedBy(ruleOf({ request: { card: 'redact' } }), chat(content))).body.equals(chat(sent))).toBe(true);
  });

  it('is done once with a credential that is longer than a region', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQ'.repeat(40)}\n-----END PRIVATE KEY-----`;
    const { body } = found(maskedBy(ruleOf({ request: { secret: 'redact' } }), chat(`key: ${key}\nend`)));
    expect(body.equals(chat('key: [REDACTED_SECRET]\nend'))).toBe(true);
  });

  it('reaches names of members, and numbers, which are texts from then on', () => {
    const rule = ruleOf({ request: { email: 'redact', card: 'redact' } });
    const { body } = found(maskedBy(rule, tool({ [mail]: 4111111111111111 })));
    expect(body.equals(tool({ '[REDACTED_EMAIL]': '[REDACTED_CARD]' }))).toBe(true);
  });
});

describe('values that stand close to each other', () => {
  const both = ruleOf({ request: { phone: 'redact', card: 'redact', email: 'log' } });

  it.each([
    [`call 98765 43210 ${card}`, 'call [REDACTED_PHONE] [REDACTED_CARD]'],
    [`{"tel, ${`${card}, `.repeat(4)}":9876543210}`, `{"tel, ${'[REDACTED_CARD], '.repeat(4)}":[REDACTED_PHONE]}`],
  ])('are all found: %s', (said, sent) => {
    const { body, counts } = found(maskedBy(both, chat(`${said}, ${mail}`)));
    expect(body.equals(chat(`${sent}, ${mail}`))).toBe(true);
    expect(counts.get('email log')).toBe(1);
  });

  it('are found by the name of their member as it is sent', () => {
    const name = `tel ${'4111 1111 1111 1111, '.repeat(4)}`;
    const { body } = found(maskedBy(both, tool({ [name]: '9876543210' })));
    expect(body.toString()).toContain('"[REDACTED_PHONE]"');
  });

  it('are refused where each is one only without the next, without end', () => {
    const regex = String.raw`-ab\B`;
    const rule = planFor(
      maskingOf(ruleOf({ request: { code: 'redact' } }), {
        patterns: new Map([['code', { regex, longest: 3, context: undefined }]]),
        names: [],
      }),
    );
    const masked = (said: string): ReturnType<typeof maskRequest> =>
      maskRequest({ operation: 'chat', bytes: chat(said), plan: rule, placeholderOf });
    expect(found(masked(`x${'-ab'.repeat(8)}c`)).body.equals(chat(`x${'[REDACTED_CODE]'.repeat(8)}c`))).toBe(true);
    const [code, hint] = denied(masked(`x${'-ab'.repeat(40)}c`)) ?? [];
    expect(code).toBe('content_unreadable');
    expect(hint).toContain('messages[0].content. Values stand so close');
  });
});

describe('an escape hides nothing', () => {
  it.each([
    ['in words', String.raw`It said {"to":"jane\u0040example.com"}`],
    ['in JSON', String.raw`{"to":"jane\u0040example.com"}`],
    ['in JSON that was cut off', String.raw`{"to":"jane\u0040example.com","no`],
    ['in JSON in JSON', JSON.stringify({ said: String.raw`{"to":"jane\u0040example.com"}` })],
    ['three deep', JSON.stringify({ said: JSON.stringify({ said: String.raw`{"to":"jane\u0040example.com"}` }) })],
  ])('%s', (_, content) => {
    const { body, placeholders } = found(maskedBy(hiding, chat(content)));
    expect(body.toString()).not.toContain('0040');
    expect([...placeholders.values()]).toEqual([mail]);
  });
});

describe('text that looks like a placeholder of its own request', () => {
  it.each([
    placeholder,
    placeholder.toLowerCase(),
    placeholder.replaceAll('_', String.raw`\_`),
    JSON.stringify({ note: placeholder.replaceAll('_', String.raw`\_`) }),
    `{"note":"\\u0050${placeholder.slice(1)}"}`,
    `"\\u0050${placeholder.slice(1)}" it is`,
  ])('comes back as it was: %s', (written) => {
    const content = JSON.stringify([mail, 1]);
    const both = bytesOf({ model: 'm', messages: [content, written].map((each) => ({ role: 'user', content: each })) });
    const { body, placeholders } = found(maskedBy(hiding, both));
    expect([...placeholders.values()].filter((value) => value !== mail)).toHaveLength(1);
    expect([...placeholders.keys()].filter((name) => name.startsWith('PII_TEXT_'))).toHaveLength(1);
    expect(body.toString().match(/PII_EMAIL_/g)).toHaveLength(1);
  });

  it('does not hide the placeholder behind it that it runs into', () => {
    const id = { regex: 'EMP-[0-9]{6}', longest: 10, context: undefined };
    const plan = planFor(maskingOf(ruleOf({ request: { id: 'mask' } }), { patterns: new Map([['id', id]]), names: [] }));
    const said = 'PII_ID_ABCDEFGHIJKEMP-123456';
    const { body, placeholders } = found(maskRequest({ operation: 'chat', bytes: chat(said), plan, placeholderOf }));
    const restore = openRestorer(placeholders).open((value) => value);
    const pieces = body.toString().split('');
    expect(pieces.map((piece) => restore.push(piece)).join('') + restore.end('')).toBe(chat(said).toString());
  });

  it('stays where it is of another holder or another request, and is counted', () => {
    const foreign = openPlaceholders(Buffer.alloc(32, 7), 'another')('email', mail);
    const { body, placeholders } = found(maskedBy(hiding, chat(`${mail} ${foreign}`)));
    expect(body.equals(chat(`${placeholder} ${foreign}`))).toBe(true);
    const restorer = openRestorer(placeholders);
    expect(restorer.open((value) => value).end(`${foreign} ${placeholder}`)).toBe(`${foreign} ${mail}`);
    expect(restorer.unknown()).toBe(1);
  });
});
