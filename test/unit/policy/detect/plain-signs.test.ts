import { describe, expect, it } from 'vitest';
import { detectWhole, openDetection } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import { readSigns } from '../../../../src/policy/detect/plain-signs.ts';
import { patternDetectors } from '../../../../src/policy/detect/user-patterns.ts';
import { knownNames, sameCase } from '../../../../src/policy/names/known-names.ts';
import { piiDetectors } from '../../../../src/policy/pii/registry.ts';
import { otherSigns, withSigns } from '../../../support/other-signs.ts';
import { namedValues } from '../../../support/pii-values.ts';

const plainOf = (text: string): string => readSigns(text).plain;

describe('signs that stand for those of ASCII', () => {
  it.each([
    ['spaces', 'a\u00a0b\u2009c\u202fd\u3000e', 'a b c d e'],
    ['hyphens and the minus', '1\u20102\u20113\u20124\u20135\u22126', '1-2-3-4-5-6'],
    ['full-width forms', '\uff34\uff45\uff4c\uff1a\uff08\uff10\uff13\uff09\uff20\uff0e\uff5e', 'Tel:(03)@.~'],
  ])('are read as those: %s', (_name, text, plain) => {
    expect(plainOf(text)).toBe(plain);
  });

  it('are the decimal digits of every script that has them in one unit', () => {
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((sign) => /\p{Nd}/u.test(sign));
    expect(all).toHaveLength(plainOf(all.join('')).length);
    expect(plainOf(all.join(''))).toBe('0123456789'.repeat(all.length / 10));
  });

  it.each([
    ['the em dash, which parts sentences', 'me\u2014jane'],
    ['letters', '\u0430\u4e00\u00e9\u0100'],
    ['half of a pair of surrogates', '\ud83d\u{1f600}\ude00'],
    ['what only looks like a space', '\u200b\u2060'],
  ])('are not: %s', (_name, text) => {
    expect(plainOf(`${text}\u00a0`)).toBe(`${text} `);
  });

  it('are read in a text of any length, each in its place', () => {
    expect(plainOf(`${'\u00e9\uff11\u2011'.repeat(5_000)}\u00e9`)).toBe(`${'\u00e91-'.repeat(5_000)}\u00e9`);
  });

  it('leave a text without them as it is, and what stands there beside it', () => {
    expect(readSigns('caf\u00e9 1-2')).toEqual({ written: 'caf\u00e9 1-2', plain: 'caf\u00e9 1-2' });
    expect(readSigns('1\u20112').written).toBe('1\u20112');
  });
});

describe('detectors', () => {
  const set = detectorSet(piiDetectors);

  it.each(otherSigns)('find the same in $name', (signs) => {
    for (const value of namedValues) {
      expect(detectWhole(withSigns(value, signs), set)).toEqual(detectWhole(value, set));
    }
  });

  it('give out what stood there', () => {
    const text = 'ssn 536\u201190\u20114399 and more';
    expect(openDetection(set).end(text)).toEqual([
      { kind: 'text', text: 'ssn ' },
      { kind: 'region', entity: 'us_ssn', rule: undefined, text: '536\u201190\u20114399' },
      { kind: 'text', text: ' and more' },
    ]);
  });

  it('of the settings see what is written', () => {
    const patterns = detectorSet(patternDetectors(new Map([['dash', { regex: '[0-9]\u2013[0-9]', longest: 3, context: undefined }]])));
    expect(detectWhole('1\u20132 3-4 5\u20116', patterns)).toHaveLength(1);
    const names = detectorSet([{ detector: knownNames(['Jean\u2013Luc Picard'], sameCase), priority: 1 }]);
    expect(detectWhole('Jean\u2013Luc Picard, Jean-Luc Picard', names)).toHaveLength(1);
  });

  it('of the settings see it in a stream, too', () => {
    const patterns = detectorSet(patternDetectors(new Map([['dash', { regex: '[0-9]\u2013[0-9]', longest: 3, context: undefined }]])));
    const detection = openDetection(patterns);
    expect(detection.push('a1\u2013')).toEqual([{ kind: 'text', text: 'a' }]);
    expect(detection.end('2')).toEqual([{ kind: 'region', entity: 'dash', rule: undefined, text: '1\u20132' }]);
  });
});
