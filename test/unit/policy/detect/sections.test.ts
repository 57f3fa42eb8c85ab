import { describe, expect, it } from 'vitest';
import { openSections, type Seen } from '../../../../src/policy/detect/sections.ts';
import { contextBefore, standInsOf } from '../../../../src/policy/detect/stand-ins.ts';
import { detectWhole } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import { patternDetectors } from '../../../../src/policy/detect/user-patterns.ts';
import { openPlaceholders, redaction } from '../../../../src/policy/masking/placeholder.ts';
import { nameDetectors } from '../../../../src/policy/names/detectors.ts';
import { piiDetectors } from '../../../../src/policy/pii/registry.ts';
import { secretDetectors } from '../../../../src/policy/secrets/detectors.ts';
import { everyBuiltIn } from '../../../support/every-detector.ts';
import { detectInChunks, inChunksOf } from '../../../support/stream-whole.ts';

const set = detectorSet([...piiDetectors, ...nameDetectors([]), ...secretDetectors.map((detector) => ({ detector, priority: 10 }))]);
const employees = new Map([['employee-2', { regex: 'EMP-[0-9]{6}', longest: 10, context: undefined }]]);
const phone = openPlaceholders(new Uint8Array(32), 'holder')('phone', '1');
const foundIn = (text: string, context = '', seen: Seen = 'never'): readonly string[] =>
  openSections({ set, context, seen })
    .end(text)
    .flatMap((piece) => (piece.kind === 'region' ? [piece.text] : []));
const foundWhole = (text: string): readonly string[] => detectWhole(text, set).map(({ start, end }) => text.slice(start, end));

describe('what stands for a value', () => {
  it.each([phone, redaction('phone'), openPlaceholders(new Uint8Array(32), 'holder')('in_pan', '1')])(
    'is known by its shape: %s',
    (each) => {
      expect(standInsOf(`a${each}${each}b`, set.standIns)).toEqual([
        { start: 1, end: 1 + each.length },
        { start: 1 + each.length, end: 1 + 2 * each.length },
      ]);
      expect(contextBefore(`tel ${each} 1`, each.length + 5)).not.toContain('PHONE');
    },
  );

  it('is no word for the number behind it, in a whole text and in a stream', () => {
    for (const said of [phone, redaction('phone'), `${'.'.repeat(50)}${phone}`]) {
      const text = `${said} 9876543210`;
      expect([foundWhole(text), foundIn(text), detectInChunks(inChunksOf(text, 3), set).filter(({ kind }) => kind === 'region')]).toEqual([
        [],
        [],
        [],
      ]);
    }
  });

  it.each(Array.from({ length: 24 }, (_, cut) => cut))(
    'is none where a context begins within it, %d characters behind its beginning',
    (cut) => {
      for (const said of [phone, redaction('phone')]) {
        const text = `${said}${' '.repeat(Math.max(0, 64 + cut - said.length))}9876543210`;
        expect(foundWhole(text)).toEqual([]);
      }
    },
  );

  it('hides no word before it, however long it is', () => {
    const text = `call ${phone} or ${redaction('card')} or 9876543210`;
    expect(foundIn(text)).toEqual(['9876543210']);
    expect(foundIn('9876543210', `tel ${phone} ${phone} ${phone}: `)).toEqual(['9876543210']);
    expect(foundIn(` ${phone} 9876543210`, 'order ')).toEqual([]);
  });

  it('is no name, and no part of a value', () => {
    for (const text of [`Dear ${phone}`, `${phone}@example.com`, `https://u:${phone}@example.com`, `4111 1111 ${phone} 1111`]) {
      expect(foundIn(text)).toEqual([]);
    }
    expect(foundWhole(`Dear ${phone}`)).toEqual([]);
  });

  it('is of a type that there is: what only looks like one is looked into', () => {
    const key = `AKIA${'QX3V'.repeat(4)}`;
    for (const text of [`PII_${key}_ABCDEFGHIJKL`, `[REDACTED_${key}]`]) {
      expect(foundIn(text)).toEqual(foundWhole(text));
      expect(standInsOf(text, set.standIns)).toEqual([]);
    }
    const own = openPlaceholders(new Uint8Array(32), 'holder')('employee-2', '1');
    const spans = standInsOf(own, detectorSet([...everyBuiltIn, ...patternDetectors(employees)]).standIns);
    expect([standInsOf(own, set.standIns), spans]).toEqual([[], [{ start: 0, end: own.length }]]);
  });

  it('does not end a private key', () => {
    const key = `-----BEGIN PGP PRIVATE KEY BLOCK-----\nComment: ${phone}\n\nMIIEvQIBADANBgkqhkiG9w0BAQ\n-----END PGP PRIVATE KEY BLOCK-----`;
    expect(foundIn(`${phone} ${key} ${phone}`)).toEqual([key]);
  });

  it('is hidden where its own entity is asked for', () => {
    const pieces = openSections({ set, context: '', entityOf: (each) => (each === phone ? 'text' : undefined), seen: 'never' }).end(
      `a ${phone} ${redaction('phone')}`,
    );
    expect(pieces).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'region', entity: 'text', rule: undefined, text: phone },
      { kind: 'text', text: ' ' },
      { kind: 'text', text: redaction('phone') },
    ]);
  });
});

describe('a text that was looked through before', () => {
  const privateKey = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n-----END PRIVATE KEY-----';
  const far = 'Nothing of it. '.repeat(300);
  it('is looked through again near what was hidden, and nowhere else, where that was rewritten', () => {
    const near = `call ${phone} 9876543210`;
    expect(foundIn(`${near} ${far}4111 1111 1111 1111 ${far}98765 43210 ${phone} jane@example.com`, '', 'rewritten')).toEqual([
      '9876543210',
      '98765 43210',
      'jane@example.com',
    ]);
  });

  it.each([
    ['begins behind what was hidden', `${far}${phone} jane@example.com ${far}`, ['jane@example.com']],
    ['is told by words before what was hidden', `call ${phone} 9876543210`, ['9876543210']],
    ['may have gone on with what was hidden', `${far}98765 43210 ${phone}`, ['98765 43210']],
    ['is a key behind what was hidden', `${phone} ${privateKey}`, [privateKey]],
    ['stands alone', `${phone}${far}jane@example.com ${far}${phone}`, []],
    ['stands as far from what was hidden as no word matters', `${phone}${'.'.repeat(70)} jane@example.com `, []],
    ['stands between two that were hidden', `${phone}${phone} ${phone}`, []],
  ])('is looked through again where something may be told otherwise: what %s', (_, text, found) => {
    expect(foundIn(text, '', 'in place')).toEqual(found);
  });

  it('is looked through again where the match of an operator may end', () => {
    const own = detectorSet(patternDetectors(new Map([['spaced', { regex: '[a-z]{3} ', longest: 4, context: undefined }]])));
    const regions = (text: string): number =>
      openSections({ set: own, context: '', seen: 'in place' })
        .end(text)
        .filter(({ kind }) => kind === 'region').length;
    const dots = '.'.repeat(80);
    expect([regions(`${dots}abc ${phone}`), regions(`${dots}abc. ${phone}`), regions(`${dots}abc .${phone}`)]).toEqual([1, 0, 1]);
  });

  it('stays as long as it is', () => {
    const text = `${far}${phone}${far}call 9876543210${phone}`;
    const pieces = openSections({ set, context: '', seen: 'in place' }).end(text);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
  });
});

it('gives a text that comes in pieces with its end', () => {
  const sections = openSections({ set, context: '', seen: 'never' });
  expect(sections.push('call 98765')).toEqual([]);
  expect(sections.end(' 43210')).toEqual([
    { kind: 'text', text: 'call ' },
    { kind: 'region', entity: 'phone', rule: undefined, text: '98765 43210' },
  ]);
});
