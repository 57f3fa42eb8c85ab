import { describe, expect, it } from 'vitest';
import { detectWhole } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import { ENTITIES } from '../../../../src/core/entity-list.ts';
import { contextMax } from '../../../../src/policy/detect/detector.ts';
import { piiDetectors } from '../../../../src/policy/pii/registry.ts';
import { namedValues } from '../../../support/pii-values.ts';
import { readMarked, writeMarked } from '../../../support/marked-text.ts';

const set = detectorSet(piiDetectors);

describe('all detectors of personal data at once', () => {
  it.each([
    'id,card,mobile\n17,«4111111111111111»,«+919876543210»,«jane@example.com»,3\n',
    '«4111111111111111»,«5555555555554444»,«378282246310005»',
    '«4111111111111111»/«5555555555554444»',
    'call «9876543210»/«9876543211»',
    'call «9876543210» «9876543211»',
    'call «9876543210», «9876543211»',
    '["«536-90-4399»","«203.0.113.42»","«GB82WEST12345698765432»"]',
    '| «2341 2341 2346» | «ABCPE1234F» | «27AAPFU0939F1ZV» |',
    'a@b.com;«jane@example.com»'.replace('a@b.com', '«a@b.com»'),
  ])('find each value of a row: %s', (marked) => {
    const { text } = readMarked(marked);
    expect(writeMarked(text, detectWhole(text, set))).toBe(marked);
  });

  it.each([
    ['a card that contains an Aadhaar', '2720 4564 0563 4675', 'card'],
    ['an account that contains a card number', 'FI13 3054 9872 4944 17', 'iban'],
    ['twelve digits that are a card and an Aadhaar, named as one', 'Aadhaar 656568772262', 'aadhaar'],
    ['the same digits, named as the other', 'Maestro card 656568772262', 'card'],
    ['eleven digits that pass the checks of two countries, named as one', 'ABN 36502198145', 'au_abn'],
    ['a passport of nine digits', 'passport 123456789', 'us_passport'],
    ['the same, named otherwise', 'UK passport 123456789', 'gb_passport'],
    ['a URL with a password and what looks like an address', 'ftp://jane:secret1@example.com', 'url_credentials'],
  ])('agree on what it is: %s', (_name, text, entity) => {
    expect(detectWhole(text, set).map((region) => region.entity)).toEqual([entity]);
  });

  it('are each tried by the tests of streams and of time', () => {
    const found = new Set(
      namedValues.flatMap((value) => piiDetectors.filter((each) => detectWhole(value, detectorSet([each])).length > 0)),
    );
    expect(piiDetectors.filter((each) => !found.has(each)).map(({ detector }) => detector.entity)).toEqual([]);
  });

  it('find the entities that policies may name, each of them', () => {
    const listed = ENTITIES.filter(({ kind }) => kind === 'personal').map(({ name }) => name);
    expect([...new Set(piiDetectors.map(({ detector }) => detector.entity))].toSorted()).toEqual(listed.toSorted());
  });

  it('keep to the contract in what can be read from them', () => {
    for (const { detector } of piiDetectors) {
      expect(detector.open.flags).not.toMatch(/[gy]/);
      expect(detector.open.source).toMatch(/\$$/);
      expect(detector.kind === 'pattern' ? detector.pattern.flags : detector.begin.flags).toMatch(/^gi?$/);
      expect(detector.kind === 'pattern' ? detector.leftMax : 0).toBeLessThanOrEqual(contextMax);
    }
  });
});
