import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { genericSecretDetectors, secretDetectors, secretRuleNames, tokenRules } from '../../../../src/policy/secrets/detectors.ts';
import { tokenDetectors } from '../../../../src/policy/secrets/token-detector.ts';
import type { TokenRule } from '../../../../src/policy/secrets/token-rule.ts';
import { composeVirtualKey } from '../../../../src/policy/virtual-key.ts';
import { findAll } from '../../../quality/find-spans.ts';
import { openRandom, type Random } from '../../../simulation/random.ts';
import { sampleParts } from '../../../support/sample-parts.ts';
import { testTables } from './tables.ts';

const detectors = tokenDetectors(tokenRules);

/** What stands around a credential in chats, logs and code; the last character before it is never a letter. */
const frames = [
  ['', ''],
  ['is ', '.'],
  ['(', ')'],
  ['**', '**'],
  ['`', '`, and'],
  ['<b>', '</b>'],
  ['{"k":"', '"}'],
  ["'", "'"],
  ['| ', ' |'],
  ['\\n', '\\n'],
  ['%3D', '&'],
  ['key=', '; x'],
] as const;

const drawn = (random: Random, rule: TokenRule): string => {
  const value = sampleParts(random, rule.parts);
  // The rare value that the rule leaves to words of a language, or that ends in a sign as if a sentence went on.
  return (!rule.hasDigit || /\d/.test(value)) && /[0-9A-Za-z=]$/.test(value) ? value : drawn(random, rule);
};

describe('the table of tokens', () => {
  it('has at least 120 rules', () => {
    expect(tokenRules.length).toBeGreaterThanOrEqual(120);
  });

  const random = openRandom(5);
  it.each(tokenRules.map((rule) => [rule.name, rule] as const))(
    '%s is found by its name, whole, whatever stands around it',
    (name, rule) => {
      for (const [before, behind] of frames) {
        const value = drawn(random, rule);
        const text = before + value + behind;
        // Where full stops belong to the alphabet, the one behind may be taken along.
        const rules = findAll(detectors, text).filter(
          ({ start, end }) => start === before.length && end - start - value.length <= 1 && text.slice(start, end).startsWith(value),
        );
        expect(
          rules.map(({ rule: found }) => found),
          text,
        ).toContain(name);
      }
    },
  );

  it('every name that a log may show is listed once', () => {
    const texts = ['postgres://a:b4@h', 'password = "S0mmer-2026!"', 'cohere, secret a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUiAxLo'];
    const rules = texts.flatMap((text) => findAll([...secretDetectors, ...genericSecretDetectors], text)).map(({ rule }) => rule);
    expect(rules).toEqual(['address-password', 'assignment', 'cohere']);
    expect(secretRuleNames).toEqual(expect.arrayContaining([...rules, 'jwt', 'private-key', 'github-pat']));
    expect(new Set(secretRuleNames).size).toBe(secretRuleNames.length);
  });

  it('knows our own virtual keys', () => {
    const { key } = composeVirtualKey('prod', randomBytes);
    expect(findAll(secretDetectors, `Bearer-free ${key}.`)).toContainEqual({
      entity: 'secret',
      rule: 'virtual-key',
      start: 12,
      end: 12 + key.length,
    });
  });
});

testTables('tokens', detectors, {
  hits: [
    'My key is ‹ghp_a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUi›. Thanks',
    '**‹AKIAQ4ZL7N2XWVR5TJ3K›**',
    '<code>‹r8_Hq2mZ8kT4vB7nR1cW6yD3sH5jG0pQeUiAxLoE›</code>',
    'Authorization: ‹Bearer a8Fk2mZq.9LxT4vB7-nR1cW6yD3s›',
    '\u001b[1;32m‹ghp_a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUi›\u001b[0m',
    'Authorization: ‹Bearer AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid%2BULvsea4JtiGRiSDSJSI%3DEUifiRBkKG5E2XzMDjRfl7›"',
    'A secret key ‹A3-DVI36D-ALF1PVGV9HC-0WJ6K-RNN8P-ZW1WC›, for one',
    'A secret key ‹A3-DVI36D-ALF1PV-GV9HC-0WJ6K-RNN8P-ZW1WC›, for one',
    'at ‹hooks.slack.com/services/T024TTTTT/BBB72BBL/AZAAA9u0pA4ad666eMgbi555›',
    '‹http://hooks.slack.com/services/T024TTTTT/BBB72BBL/AZAAA9u0pA4ad666eMgbi555›',
    'https://ptb.‹discord.com/api/webhooks/123456789012345678/a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUiAxLo-a8Fk2mZq9LxT4vB7nR1cW6yD3s›',
    '‹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›',
    'token‹glpat-a8Fk2mZq9LxT4vB7nR1c›',
  ],
  misses: [
    // A character less, a character more, another alphabet.
    'ghp_a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeU',
    'ghp_a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUiZ',
    'AKIAQ4ZL7N2XWVR5TJ3',
    'AKIAQ4ZL7N2XWVR5TJ3KQ',
    'AKIA04ZL1N2XWVR5TJ3K',
    'dapi1234567890abcdef1234567890abcde',
    // The middle of a longer word.
    'XAKIAQ4ZL7N2XWVR5TJ3K',
    'desk-0123456789abcdef0123456789abcdef',
    'task_test_2lxg0oml0r2uq9jgmhppycy1pz9ivb',
    'https://notes.example/Trip-to-Mexico-1bc826ecc0994dd8915be97fc3489cde',
    'msgstr "GSSAPI-VIRHEKAPSELOINTIMERKKIJONO."',
    // What stands for a value.
    'AKIAIOSFODNN7EXAMPLE',
    `ghp_${'x'.repeat(36)}`,
    `ghp_${'a'.repeat(36)}`,
    'sk-ant-your-api-key-goes-here-in-the-file-1',
    'glpat-xxxxxxxxxxxxxxxxxxxx',
    'Bearer ${TOKEN_OF_THE_SERVICE_1}',
    'Bearer <token>',
    'Bearer authentication-and-authorization',
    // Prefixes alone, and what has them by chance.
    'tokens begin with sk-, ghp_, glpat-, xoxb- or AKIA',
    'risk-based-assessment-of-the-task-force-in-2024-and-2025',
    'this.s.someMethodWithTwentyFourLetters',
    'npm_config_registry=local npm_package_version=1.2.3',
    'hf_hub_download and re_match_object_in_the_module',
    'https://hooks.slack.com/services/ is where they are posted to',
    '123:AA is the gate',
    'fo1_',
    '',
  ],
});
