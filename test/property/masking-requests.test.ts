import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/core/assert.ts';
import { PERSONAL_ENTITIES } from '../../src/core/entity-list.ts';
import { PASS_KINDS } from '../../src/core/masking.ts';
import { escaped } from '../../src/policy/masking/json-mask.ts';
import { maskRequest } from '../../src/policy/masking/mask-request.ts';
import { maskingOf, planFor } from '../../src/policy/masking/masking.ts';
import { openPlaceholders } from '../../src/policy/masking/placeholder.ts';
import { openRestorer, type Restorer } from '../../src/policy/masking/restore.ts';
import { filled, requestSamples } from '../support/filled-requests.ts';
import { plantedValues } from '../support/planted.ts';
import { saidTexts } from '../support/said-texts.ts';

const plan = planFor(
  maskingOf({
    request: { actions: new Map(PERSONAL_ENTITIES.map((entity) => [entity, 'mask'])), pass: PASS_KINDS, restore: true },
    response: undefined,
  }),
);
const placeholderOf = openPlaceholders(Buffer.alloc(32, 7), 'holder');
const planted = plantedValues(300, 5);
const values = planted.map(({ value }) => value);

const sentence = fc.constantFrom(...planted.map((each) => each.sentence));
const words = fc.array(fc.oneof(sentence, fc.constantFrom('“quoted”', '"', 'a\nb', '\\', 'PII_', '😀', '{', ']')), {
  minLength: 1,
  maxLength: 3,
});
const prose = words.map((each) => each.join('. '));

/** As serializers write it that spare the network: all that is no plain letter or digit is an escape. */
const inEscapes = (json: string): string =>
  json.replaceAll(/[+@&'<>]|[^\x20-\x7e]/g, (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const jsonWith = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .record({ name: prose, note: inner, list: fc.array(inner, { maxLength: 2 }), count: fc.integer(), isEscaped: fc.boolean() })
    .map(({ name, note, list, count, isEscaped }) => {
      const written = JSON.stringify({ [name]: note, list, count });
      return isEscaped ? inEscapes(written) : written;
    });
const json = jsonWith(fc.oneof(prose, jsonWith(prose)));
const text = fc.oneof(
  prose,
  json,
  json.map((each) => `It answered: ${each}`),
);

const isJson = (said: string): boolean => /^\s*[[{]/.test(said) && parsed(said) !== undefined;

function parsed(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return undefined;
  }
}

/** What a client reads that gets back all it sent. */
function restored(value: unknown, restorer: Restorer): unknown {
  const back = (said: string): string => restorer.open(isJson(said) ? escaped : (each) => each).end(said);
  return mapStrings(value, back);
}

/** The same for all spellings of one text: JSON in strings is read, and what is spelt as an escape is the character. */
const meant = (value: unknown): unknown =>
  mapStrings(value, (said) =>
    isJson(said)
      ? JSON.stringify(meant(parsed(said)))
      : said.replaceAll(/\\{1,8}u([0-9a-f]{4})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
  );

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') {
    return map(value);
  }
  if (typeof value !== 'object' || value === null) {
    // A number that was hidden comes back as a text.
    return typeof value === 'number' ? String(value) : value;
  }
  return Array.isArray(value)
    ? value.map((each) => mapStrings(each, map))
    : Object.fromEntries(
        Object.entries(value)
          // They say the text once more, and are emptied.
          .filter(([name, member]) => name !== 'logprobs' || !Array.isArray(member))
          .map(([name, member]) => [map(name), mapStrings(member, map)]),
      );
}

describe.each(requestSamples)('a request of %s with values in %s', (operation, _, sample) => {
  it('has none of them when it is sent, in no spelling, and all of them when it comes back', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 7, maxLength: 7 }), fc.array(json, { minLength: 2, maxLength: 2 }), (texts, jsons) => {
        const bytes = filled(sample(), texts, jsons);
        const outcome = maskRequest({ operation, bytes, plan, placeholderOf });
        must(outcome.kind === 'next', 'nothing is refused here');
        const sent = outcome.found.body.toString();
        const said = meantTexts(sent);
        expect(values.filter((value) => said.includes(value))).toEqual([]);
        const back = restored(JSON.parse(sent), openRestorer(outcome.found.placeholders));
        expect(meant(back)).toEqual(meant(JSON.parse(bytes.toString())));
      }),
      { numRuns: 8 },
    );
  });
});

const meantTexts = (body: string): string => [...saidTexts(body), JSON.stringify(meant(JSON.parse(body)))].join('\n');
