import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/core/assert.ts';
import { PERSON, PERSONAL_ENTITIES, SECRET_ENTITIES } from '../../src/core/entity-list.ts';
import { PASS_KINDS, type MaskAction } from '../../src/core/masking.ts';
import type { PatternSetting } from '../../src/core/pattern/user-pattern.ts';
import type { BodyOperation } from '../../src/policy/llm/fields.ts';
import { maskRequest, type MaskedRequest } from '../../src/policy/masking/mask-request.ts';
import { maskingOf, planFor } from '../../src/policy/masking/masking.ts';
import { openPlaceholders } from '../../src/policy/masking/placeholder.ts';
import type { MaskingPlan } from '../../src/policy/masking/plan.ts';
import { openRestorer } from '../../src/policy/masking/restore.ts';
import { filled, requestSamples } from '../support/filled-requests.ts';
import { namedValues } from '../support/pii-values.ts';

const placeholderOf = openPlaceholders(Buffer.alloc(32, 7), 'holder');

/** They match within words and begin with any sign. */
const patterns = new Map<string, PatternSetting>([
  ['employee_id', { regex: 'EMP-[0-9]{6}', longest: 10, context: undefined }],
  ['quoted', { regex: '"[a-z ]{1,8}"', longest: 10, context: undefined }],
  ['case_no', { regex: '[A-Z]{2}[0-9]{3}', longest: 5, context: ['case', 'PII'] }],
]);
const own = { patterns, names: ['Ann Lee', 'Jörg', 'PII'] };
const masked = [...PERSONAL_ENTITIES, PERSON, ...patterns.keys()];

const planWith = (action: MaskAction): MaskingPlan =>
  planFor(
    maskingOf(
      {
        request: {
          actions: new Map([
            ...masked.map((entity): [string, MaskAction] => [entity, action]),
            ...SECRET_ENTITIES.map((entity): [string, MaskAction] => [entity, 'redact']),
          ]),
          pass: PASS_KINDS,
          restore: true,
        },
        response: undefined,
      },
      own,
    ),
  );
const masking = planWith('mask');
const redacting = planWith('redact');

function maskedBy(plan: MaskingPlan, bytes: Buffer, operation: BodyOperation = 'chat'): MaskedRequest {
  const outcome = maskRequest({ operation, bytes, plan, placeholderOf });
  must(outcome.kind === 'next', `nothing is refused here: ${JSON.stringify(outcome)}`);
  return outcome.found;
}

const secrets = [
  'sk-ant-api03-q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8l9Z0x1C2v3B4n5M6q7W8e9R0t1Y2u3I4o5P6a7S8d9F0g1H2j3K4l5Z6AA',
  'password = "hunter2trombone"',
  'https://app:s3cr3t@',
  '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n-----END PRIVATE KEY-----',
  'aws_secret_access_key=',
  'wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzz1KEY9',
];
/** What says what a value is, what joins it with the next, and what looks like a placeholder. */
const signs = [
  ...'. , - / : @ + ( ) " \' \\ _ = [ ] % #'.split(' '),
  '',
  ' ',
  '  ',
  '\n',
  ', ',
  '\\n',
  '{"a":"',
  '"}',
  'é',
  '\u{1f600}',
  '𠮷',
  'x'.repeat(50),
  'ab. '.repeat(600),
];
const names = 'call |phone: |ssn |order no. |passport |UK |my name is |password: |token=|card|case |account|id |EMP-|'.split('|');
const pieces = '@example.com|.com|jane|Jörg|Ann Lee|PII|EMP-123456|AB123|12|1234|98765 43210|123456789|jane@example.com'.split('|');
const standIns = 'PII_|PII_EMAIL_|PII_PHONE_ABCDEFGHIJKL|pii_phone_abcdefghijkl|[REDACTED_PHONE]|[REDACTED_|ABCDEFGHIJK|II_CARD_'.split(
  '|',
);
const between = [...signs, ...names, ...pieces, ...standIns, placeholderOf('email', 'jane@example.com'), 'phone '.padEnd(60, '.')];
const value = fc.constantFrom(...namedValues, ...secrets);
/** Some begin or end in the middle. */
const cutValue = fc.tuple(value, fc.nat(6), fc.nat(6)).map(([each, head, tail]) => each.slice(head, each.length - tail));
const text = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...between) }, { weight: 3, arbitrary: value }, cutValue), {
    minLength: 1,
    maxLength: 10,
  })
  .map((parts) => parts.join(''));

const chat = (contents: readonly string[]): Buffer =>
  Buffer.from(JSON.stringify({ model: 'm', messages: contents.map((content) => ({ role: 'user', content })) }));

function expectOnce(plan: MaskingPlan, bytes: Buffer, operation: BodyOperation): void {
  const once = maskedBy(plan, bytes, operation);
  const twice = maskedBy(plan, once.body, operation);
  expect(twice.body.toString()).toBe(once.body.toString());
  expect(twice.placeholders.size).toBe(0);
}

describe.each([
  ['masked', masking],
  ['redacted', redacting],
])('what is %s', (_, plan) => {
  it('stays the same when it is once more, however close its values are', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 2 }), (contents) => {
        expectOnce(plan, chat(contents), 'chat');
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(requestSamples)('stays the same when it is once more, in a request of %s with values in %s', (operation, _name, sample) => {
    const json = fc
      .dictionary(text, fc.oneof(text, fc.integer(), fc.array(text, { maxLength: 2 })), { maxKeys: 3 })
      .map((each) => JSON.stringify(each));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(text, json), { minLength: 7, maxLength: 7 }),
        fc.array(json, { minLength: 2, maxLength: 2 }),
        (texts, jsons) => {
          expectOnce(plan, filled(sample(), texts, jsons), operation);
        },
      ),
      { numRuns: 25 },
    );
  });
});

it('brings back all of a text, however close its values are', () => {
  const hiding = planFor(
    maskingOf(
      { request: { actions: new Map(masked.map((entity) => [entity, 'mask'])), pass: [], restore: true }, response: undefined },
      own,
    ),
  );
  fc.assert(
    fc.property(text, (content) => {
      const { body, placeholders } = maskedBy(hiding, chat([content]));
      const sent: unknown = JSON.parse(body.toString());
      const back = openRestorer(placeholders)
        .open((each) => JSON.stringify(each).slice(1, -1))
        .end(JSON.stringify(sent));
      expect(JSON.parse(back)).toEqual(JSON.parse(chat([content]).toString()));
    }),
    { numRuns: 1_000 },
  );
});
