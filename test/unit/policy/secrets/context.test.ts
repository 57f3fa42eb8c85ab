import { describe, expect, it } from 'vitest';
import { contextDetector } from '../../../../src/policy/secrets/context-detector.ts';
import { contextRules } from '../../../../src/policy/secrets/context-rules.ts';
import { findAll } from '../../../quality/find-spans.ts';
import { openRandom } from '../../../simulation/random.ts';
import { sampleParts } from '../../../support/sample-parts.ts';
import { testTables } from './tables.ts';

describe('the table of contexts', () => {
  const random = openRandom(9);
  it.each(contextRules.map((rule) => [`${rule.name}: ${rule.near.join(', ')}`, rule] as const))(
    '%s is found behind each of its words',
    (_, rule) => {
      for (const word of rule.near) {
        let value = sampleParts(random, rule.parts);
        while (
          !/\d/.test(value) ||
          !/^[\w+/]/.test(value) ||
          !/[0-9A-Za-z=]$/.test(value) ||
          (/^[0-9a-f-]+$/.test(value) && /g/.test(value))
        ) {
          value = sampleParts(random, rule.parts);
        }
        const link = rule.name === 'authorization-basic' ? ': Basic ' : '_KEY = "';
        const text = `${word.toUpperCase()}${link}${value}"`;
        expect(findAll([contextDetector], text), text).toMatchObject([
          { entity: 'secret', start: word.length + link.length, end: text.length - 1 },
        ]);
      }
    },
  );
});

testTables('context', [contextDetector], {
  hits: [
    'aws_secret_access_key = ‹q7Zr/T4vB7nR1cW6yD3sH5jG0pQeUi+a8Fk2mZqL›',
    'Our Cohere token is ‹a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUiAxLo›, please rotate it',
    '{"private_key_id": "‹0123456789abcdef0123456789abcdef01234567›"}',
    'HEROKU_API_KEY=‹0f8fad5b-d9cb-469f-a165-70867728950e›',
    'the Azure OpenAI key (`‹0f8fad5bd9cb469fa16570867728950e›`)',
    'Authorization: Token ‹9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b›',
    "curl -H 'Authorization: ‹5eb4223e-5008-46e5-be67-c7b8f2732305›'",
    '$algoliaToken .= "‹d90dd16ab8367152a0933d5d294550c7›"',
    'ALGOLIA_TOKEN ?= ‹d90dd16ab8367152a0933d5d294550c7›',
    'authorization: Basic ‹c3ZjOmE4RmsybVpxOUx4VDQ=›',
  ],
  misses: [
    // No word, no link, or too far away.
    'q7Zr/T4vB7nR1cW6yD3sH5jG0pQeUi+a8Fk2mZqL',
    'aws uploads q7Zr/T4vB7nR1cW6yD3sH5jG0pQeUi+a8Fk2mZqL',
    `cohere key ${'and so on '.repeat(7)} = a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUiAxLo`,
    'The AWS key is lost. Commit a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUiAxLo',
    // Digests in place of keys, parts of something longer, values of one character more.
    'mistral key checksum 0f8fad5bd9cb469fa16570867728950e',
    'aws key path: /a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUiAxLo/x',
    'aws_secret_key = q7Zr/T4vB7nR1cW6yD3sH5jG0pQeUi+a8Fk2mZqLL',
    'authorization failed for commit 9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b',
    'An Algolia key? In d90dd16ab8367152a0933d5d294550c7 there is none',
    'github author 0123456789abcdef0123456789abcdef01234567',
    // What stands for a value.
    'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'datadog api key: 00000000000000000000000000000000',
  ],
});
