import { describe, expect, it } from 'vitest';
import { detectWhole, openDetection } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import { nameDetectors } from '../../../../src/policy/names/detectors.ts';
import { readMarked, writeMarked } from '../../../support/marked-text.ts';
import { threadTimeMs } from '../../../support/thread-time.ts';

const known = ['Ann Lee', 'Ann', "O'Neill", 'Müller', 'Ann Lee Smith'];
const set = detectorSet(nameDetectors(known));
const mark = (text: string, names: readonly string[] = known): string =>
  writeMarked(text, detectWhole(text, detectorSet(nameDetectors(names))));

describe('names', () => {
  it.each([
    'Hello, my name is «John van der Berg» and I live here.',
    'Dear «Maria»,',
    'Please ask Dr. «Øyvind Sæther» or Mrs «Smith-Jones».',
    'Kind regards,\n«Peter Miller»',
    '{"customer_name":"«Jane Roe»"}',
    'Herr «Özdemir» wartet',
  ])('are found where they are introduced: %s', (marked) => {
    expect(mark(readMarked(marked).text, [])).toBe(marked);
  });

  it.each([
    'Dear Sir or Madam,',
    'Dear Customers,',
    'my name is not important',
    'I met John Smith.',
    'The Dear Hunter'.replace('Hunter', 'hunter'),
  ])('are not found in: %s', (text) => {
    expect(mark(text, [])).toBe(text);
  });

  it.each([
    '«ANN LEE» and «ann» met «Müller».',
    'Annette and Ann_x'.replace('Ann_x', '«Ann»_x'),
    '«Ann Lee Smith», «Ann Lee»s'.replace('«Ann Lee»s', '«Ann» Lees'),
    "«O'Neill»'s and xAnn",
  ])('of a list are found as whole words in any letter case, the longest first: %s', (marked) => {
    expect(mark(readMarked(marked).text)).toBe(marked);
  });

  it('say by which rule', () => {
    expect(detectWhole('Ann, my name is Bob', set).map(({ entity, rule }) => [entity, rule])).toEqual([
      ['person', 'known'],
      ['person', 'introduced'],
    ]);
  });

  it('are held back while a longer one may come', () => {
    const detection = openDetection(detectorSet(nameDetectors(known).slice(1)));
    expect(detection.push('see ann')).toEqual([{ kind: 'text', text: 'see ' }]);
    expect(detection.push(' le')).toEqual([]);
    expect(detection.push('ft')).toEqual([
      { kind: 'region', entity: 'person', rule: 'known', text: 'ann' },
      { kind: 'text', text: ' left' },
    ]);
  });

  it('of a long list cost no more than of a short one', () => {
    const many = detectorSet(nameDetectors(Array.from({ length: 10_000 }, (_, index) => `Name${String(index)} Smith`)));
    const text = 'Name77 Smit Name78 Smith Dear Ann, '.repeat(3_000);
    expect(threadTimeMs(() => void detectWhole(text, many), 100)).toBeLessThan(200);
  });
});
