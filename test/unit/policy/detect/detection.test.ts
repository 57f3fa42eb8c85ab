import { describe, expect, it } from 'vitest';
import { detectWhole, openDetection } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import type { Detector, PatternDetector } from '../../../../src/policy/detect/detector.ts';
import { block, chain, letters, word } from '../../../support/made-detectors.ts';

const finding = (entity: string, pattern: RegExp, priority = 1): { detector: PatternDetector; priority: number } => ({
  detector: { kind: 'pattern', entity, pattern, lengthMax: 400, leftMax: 0, gate: undefined, judge: () => true, open: /[^ ]{1,400}$/ },
  priority,
});
const regionsOf = (text: string, ...ranked: readonly { detector: Detector; priority: number }[]): readonly string[] =>
  detectWhole(text, detectorSet(ranked)).map(({ entity, start, end }) => `${entity} ${String(start)}-${String(end)}`);
const made = (...detectors: readonly Detector[]): { detector: Detector; priority: number }[] =>
  detectors.map((detector) => ({ detector, priority: 1 }));

describe('detectWhole', () => {
  it('joins what overlaps, and leaves apart what only touches', () => {
    expect(regionsOf('abcdef', finding('left', /abc/g), finding('right', /cd/g))).toEqual(['left 0-4']);
    expect(regionsOf('abcdef', finding('left', /abc/g), finding('right', /de/g))).toEqual(['left 0-3', 'right 3-5']);
  });

  it.each([
    ['the higher priority', finding('a', /abcd/g, 1), finding('b', /cde/g, 2), 'b 0-5'],
    ['of the same priority the longer', finding('a', /abc/g), finding('b', /cdef/g), 'b 0-6'],
    ['of the same length the earlier', finding('a', /abc/g), finding('b', /cde/g), 'a 0-5'],
    ['of the same start the longer, whichever comes first', finding('a', /ab/g), finding('b', /abc/g), 'b 0-3'],
  ])('names a region by %s', (_name, first, second, expected) => {
    expect(regionsOf('abcdef', first, second)).toEqual([expected]);
    expect(regionsOf('abcdef', second, first)).toEqual([expected]);
  });

  it('judges each start by itself: a match that is refused hides no later one', () => {
    expect(regionsOf('xaab', ...made(letters))).toEqual(['letters 2-4']);
  });

  it('takes no match for one that is longer than its detector says, or empty', () => {
    expect(regionsOf('aaaa', { detector: { ...letters, pattern: /a*/g, lengthMax: 3 }, priority: 1 })).toEqual(['letters 1-4']);
    expect(regionsOf('aaaa', { detector: { ...letters, pattern: /(?=a)/g }, priority: 1 })).toEqual([]);
  });

  it('ends a region at 256 characters and begins the next one there', () => {
    expect(regionsOf('b'.repeat(600), ...made(chain))).toEqual(['chain 0-256', 'chain 256-512', 'chain 512-600']);
    expect(regionsOf('a'.repeat(300), finding('long', /a{300}/g))).toEqual(['long 0-256', 'long 256-300']);
  });

  it('names what is left of a full region by the match that goes on, not by one that ended', () => {
    const text = `${'a'.repeat(250)}b${'c'.repeat(9)}`;
    expect(regionsOf(text, finding('first', /a{250}b/g, 3), finding('second', /bc{9}/g, 1))).toEqual(['first 0-256', 'second 256-260']);
  });

  it('cuts no pair of surrogates where a region is full', () => {
    const text = `${'a'.repeat(255)}\u{1f600}a`;
    expect(regionsOf(text, finding('long', /a.{1,300}/gs))[0]).toBe('long 0-255');
  });
});

describe('runs', () => {
  it('take everything from their beginning to their end, which may belong to them', () => {
    expect(regionsOf('a <<aaaa>> aa', ...made(letters, block))).toEqual(['letters 0-1', 'block 2-10', 'letters 11-13']);
    expect(regionsOf('xbaac aa', ...made(letters, word))).toEqual(['word 0-5', 'letters 6-8']);
  });

  it('end at their cap where nothing closes them, and at the end of the text', () => {
    expect(regionsOf(`<<${'-'.repeat(40)}`, ...made(block))).toEqual(['block 0-24']);
    expect(regionsOf('<<--', ...made(block))).toEqual(['block 0-4']);
    expect(regionsOf('xbaa', ...made(word))).toEqual(['word 0-4']);
  });

  it('do not take an end that lies beyond their cap', () => {
    expect(regionsOf(`<<${'-'.repeat(21)}>>-`, ...made(block))).toEqual(['block 0-24']);
    expect(regionsOf(`<<${'-'.repeat(20)}>>-`, ...made(block))).toEqual(['block 0-24']);
    expect(regionsOf(`<<${'-'.repeat(19)}>>-`, ...made(block))).toEqual(['block 0-23']);
  });

  it('leave no character of a match visible that they interrupt', () => {
    expect(regionsOf('ab<<-->>cd', finding('wide', /ab<<-->>cd/g), ...made(block))).toEqual(['wide 0-2', 'block 2-8', 'wide 8-10']);
    expect(regionsOf('ab<<-->>cd', finding('wide', /ab<</g), ...made(block))).toEqual(['wide 0-2', 'block 2-8']);
  });

  it('cut a match that is longer than a region where they begin, and hide its rest behind them', () => {
    const text = `${'a'.repeat(100)}<<-->>${'a'.repeat(294)}`;
    expect(regionsOf(text, finding('wide', /a{100}<.{299}/g), ...made(block))).toEqual([
      'wide 0-100',
      'block 100-106',
      'wide 106-362',
      'wide 362-400',
    ]);
  });

  it('are named by the higher priority where two begin in the same place', () => {
    const other = { ...block, entity: 'other' };
    expect(regionsOf('<<>>', { detector: block, priority: 1 }, { detector: other, priority: 2 })).toEqual(['other 0-4']);
    expect(regionsOf('<<>>', { detector: block, priority: 2 }, { detector: other, priority: 1 })).toEqual(['block 0-4']);
  });

  it('have no beginning that is longer than they say, or empty', () => {
    expect(regionsOf('<b<', { detector: { ...block, beginMax: 2 }, priority: 1 })).toEqual([]);
    expect(regionsOf('<', { detector: { ...block, begin: /(?=<)/g }, priority: 1 })).toEqual([]);
  });
});

describe('openDetection', () => {
  it('gives out at once what is decided, and holds back what may be under way', () => {
    const detection = openDetection(detectorSet(made(letters)));
    expect(detection.push('some text ')).toEqual([{ kind: 'text', text: 'some text ' }]);
    expect(detection.push('ba')).toEqual([{ kind: 'text', text: 'b' }]);
    expect(detection.push('b')).toEqual([]);
    expect(detection.push(' ')).toEqual([
      { kind: 'region', entity: 'letters', text: 'ab' },
      { kind: 'text', text: ' ' },
    ]);
    expect(detection.end()).toEqual([]);
  });

  it('gives out a full region while what overlaps it still goes on', () => {
    const detection = openDetection(detectorSet(made(chain)));
    const pieces = Array.from({ length: 400 }, () => detection.push('b')).flat();
    expect(pieces).toEqual([{ kind: 'region', entity: 'chain', text: 'b'.repeat(256) }]);
    expect(detection.end()).toEqual([{ kind: 'region', entity: 'chain', text: 'b'.repeat(144) }]);
  });

  it('looks anew at what stands behind a run that ended where something seemed to be under way', () => {
    const dashes: PatternDetector = { ...letters, entity: 'dashes', pattern: /-[->a]{1,9}/g, lengthMax: 10, open: /-[->a]{0,9}$/ };
    const detection = openDetection(detectorSet(made(dashes, block)));
    expect(detection.push('<<-->>aaaa')).toEqual([
      { kind: 'region', entity: 'block', text: '<<-->>' },
      { kind: 'text', text: 'aaaa' },
    ]);
  });

  it('holds back the first half of a pair', () => {
    const detection = openDetection(detectorSet(made(letters)));
    expect(detection.push('-\ud83d')).toEqual([{ kind: 'text', text: '-' }]);
    expect(detection.push('\ude00')).toEqual([{ kind: 'text', text: '\u{1f600}' }]);
  });

  it('ends an empty text with nothing', () => {
    const detection = openDetection(detectorSet(made(letters, block)));
    expect(detection.push('')).toEqual([]);
    expect(detection.end()).toEqual([]);
  });

  it('asks once for all detectors that share what may be open, with the longest of their lengths', () => {
    const open = /a{1,9}$/;
    const set = detectorSet(
      made({ ...letters, open, lengthMax: 3 }, { ...letters, open: /a{1,9}$/, lengthMax: 7 }, { ...letters, open, lengthMax: 5 }),
    );
    expect(set.opens).toEqual([{ sees: 'plain', open, lengthMax: 7, isInWord: true }]);
  });
});
