import { describe, expect, it } from 'vitest';
import { detectWhole, openDetection } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import { patternDetectors } from '../../../../src/policy/detect/user-patterns.ts';
import { threadTimeMs } from '../../../support/thread-time.ts';

const setOf = (patterns: Readonly<Record<string, string>>, context?: readonly string[]) =>
  detectorSet(patternDetectors(new Map(Object.entries(patterns).map(([name, regex]) => [name, { regex, longest: 256, context }]))));
const found = (text: string, patterns: Readonly<Record<string, string>>, context?: readonly string[]): readonly string[] =>
  detectWhole(text, setOf(patterns, context)).map(({ entity, start, end }) => `${entity}: ${text.slice(start, end)}`);

describe('patterns of the settings', () => {
  it.each([
    ['in each place', 'EMP-123456, EMP-123457.', ['id: EMP-123456', 'id: EMP-123457']],
    ['also as a part of a longer one', 'xEMP-1234567', ['id: EMP-123456']],
    ['in the letter case that is written', 'emp-123456', []],
  ])('are found %s', (_name, text, expected) => {
    expect(found(text, { id: 'EMP-[0-9]{6}' })).toEqual(expected);
  });

  it('see the edges of words on both sides of a match, at the ends of a text too', () => {
    const edged = { id: String.raw`\bE\d{3}\b` };
    expect(found('E123 xE123 E1234 E124', edged)).toEqual(['id: E123', 'id: E124']);
    expect(found('E12E', { id: String.raw`E\B\d{1,3}` })).toEqual(['id: E12']);
  });

  it('hide all that overlapping matches cover', () => {
    expect(found('1234567', { id: String.raw`\d{3}` })).toEqual(['id: 1234567']);
  });

  it('take a pair of surrogates for one character', () => {
    expect(found('\u{1f600}\u{1f600}', { id: '.' })).toEqual(['id: \u{1f600}', 'id: \u{1f600}']);
  });

  it('are found where one of their words stands shortly before, where they have some', () => {
    const id = { id: String.raw`\d{5}` };
    expect(found('Employee no. 12345', id, ['employee', 'c++ id'])).toEqual(['id: 12345']);
    expect(found('employee_id=12345', id, ['employee'])).toEqual(['id: 12345']);
    expect(found('the c++ id 12345', id, ['employee', 'c++ id'])).toEqual(['id: 12345']);
    expect(found('employees 12345', id, ['employee', 'c++ id'])).toEqual([]);
    expect(found(`employee${' '.repeat(64)}12345`, id, ['employee'])).toEqual([]);
  });

  it('name what they find beside one another', () => {
    const two = { staff: 'EMP-[0-9]{3}', '(i)': '(?i)project (?:alpha|beta)' };
    expect(found('EMP-123 of Project BETA', two)).toEqual(['staff: EMP-123', '(i): Project BETA']);
  });

  it('hold back what may become one of them, and nothing else', () => {
    const detection = openDetection(setOf({ id: 'EMP-[0-9]{2,3}' }));
    expect(detection.push('text E')).toEqual([{ kind: 'text', text: 'text ' }]);
    expect(detection.push('x EMP-12')).toEqual([{ kind: 'text', text: 'Ex ' }]);
    expect(detection.push('3')).toEqual([]);
    expect(detection.push('4')).toEqual([
      { kind: 'region', entity: 'id', rule: undefined, text: 'EMP-123' },
      { kind: 'text', text: '4' },
    ]);
  });

  it('hold back a match whose last character is half known', () => {
    const detection = openDetection(setOf({ id: 'EMP-\u{1f600}' }));
    expect(detection.push('EMP-\ud83d')).toEqual([]);
    expect(detection.push('\ude00')).toEqual([]);
    expect(detection.end()).toEqual([{ kind: 'region', entity: 'id', rule: undefined, text: 'EMP-\u{1f600}' }]);
  });

  it('throw where the settings let a bad one through', () => {
    expect(() => setOf({ id: 'a*' })).toThrow('pattern id: "*" and "+" have no end');
  });

  it.each([
    ['nothing that matches', 'The quick brown fox jumps over the lazy dog. ', 100],
    ['matches that overlap without end', '1234567890', 300],
    ['beginnings', 'EMP-12345 ', 300],
  ])('cost time in proportion to the text: 16 KB of %s', (_name, part, msMax) => {
    const set = setOf({ id: 'EMP-[0-9]{6}', long: '[0-9]{40}', none: '[0-9]{40}x' });
    const text = part.repeat(Math.ceil(16_384 / part.length));
    expect(threadTimeMs(() => void detectWhole(text, set), msMax)).toBeLessThan(msMax);
  });
});
