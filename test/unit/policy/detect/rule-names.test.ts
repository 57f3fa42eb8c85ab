import { describe, expect, it } from 'vitest';
import { detectWhole, openDetection } from '../../../../src/policy/detect/detection.ts';
import { detectorSet, type Ranked } from '../../../../src/policy/detect/detector-set.ts';
import { secretDetectors } from '../../../../src/policy/secrets/detectors.ts';
import { block, letters } from '../../../support/made-detectors.ts';

const secrets: readonly Ranked[] = secretDetectors.map((detector) => ({ detector, priority: 1 }));
const rulesOf = (text: string, ranked: readonly Ranked[]): readonly unknown[] =>
  detectWhole(text, detectorSet(ranked)).map(({ rule }) => rule);
const pat = 'ghp_a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUi';

describe('the rule of a region', () => {
  it.each([
    ['a token', `my key is ${pat}.`, 'github-pat'],
    ['what the words before it name', 'cohere, secret a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUiAxLo', 'cohere'],
    ['a detector of one rule', 'postgres://app:s3cr3t-and-more@db', 'address-password'],
    ['a run', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP', 'jwt'],
  ])('is that of %s', (_name, text, rule) => {
    expect(rulesOf(text, secrets)).toEqual([rule]);
  });

  it('is undefined where the entity says it all', () => {
    expect(
      rulesOf(
        'aab <<-->>',
        [letters, block].map((detector) => ({ detector, priority: 1 })),
      ),
    ).toEqual([undefined, undefined]);
  });

  it('is that of the detector that gives the region its name', () => {
    const first = { ...letters, rule: 'first' };
    const second = { ...letters, pattern: /b{1,3}c?/g, rule: 'second', open: /b{1,3}c?$/ };
    expect(
      rulesOf('aabbbc', [
        { detector: first, priority: 1 },
        { detector: second, priority: 2 },
      ]),
    ).toEqual(['second']);
  });

  it('stands for the judgement of a detector of many: without one there is no match', () => {
    const many = { ...letters, ruleOf: (text: string, start: number) => (text[start + 1] === 'a' ? 'two' : undefined) };
    expect(rulesOf('ab aa', [{ detector: many, priority: 1 }])).toEqual(['two']);
  });

  it('comes with the pieces of a stream', () => {
    const detection = openDetection(detectorSet(secrets));
    const pieces = [...detection.push(`key ${pat.slice(0, 9)}`), ...detection.push(`${pat.slice(9)} `), ...detection.end()];
    expect(pieces).toContainEqual({ kind: 'region', entity: 'secret', rule: 'github-pat', text: pat });
  });
});
