import { describe, expect, it } from 'vitest';
import { readSpan, sheetAt, sheetsSince, type History, type Span } from '../../../../src/policy/prices/history.ts';
import { ceilingSheet } from '../../../../src/policy/prices/operator-price.ts';

const sheetOf = (usd: number) => ceilingSheet({ input: usd, output: usd });
const priceAt = (history: History, at: string): number => sheetAt(history, Date.parse(at)).input.input.base / 1_000_000;
const pricesSince = (history: History, since: string): readonly number[] =>
  sheetsSince(history, Date.parse(since)).map((sheet) => sheet.input.input.base / 1_000_000);

const since = (day: string): Span => ({ kind: 'since', atMs: Date.parse(day) });
const hourMs = 3_600_000;

const history: History = [
  { span: { kind: 'always' }, sheet: sheetOf(1) },
  { span: since('2026-03-13'), sheet: sheetOf(2) },
  { span: { kind: 'daily', fromMs: hourMs, toMs: 4 * hourMs }, sheet: sheetOf(4) },
  { span: { kind: 'daily', fromMs: 22 * hourMs, toMs: hourMs / 2 }, sheet: sheetOf(3) },
];

describe('prices over time', () => {
  it.each([
    ['2026-03-12T12:00:00Z', 1],
    ['2026-03-12T23:59:59.999Z', 3],
    ['2026-03-13T00:29:59.999Z', 3],
    ['2026-03-13T00:30:00Z', 2],
    ['2026-03-13T01:00:00Z', 4],
    ['2026-03-13T03:59:59.999Z', 4],
    ['2026-03-13T04:00:00Z', 2],
    ['2026-03-13T22:00:00Z', 3],
  ])('at %s: %d', (at, usd) => {
    expect(priceAt(history, at)).toBe(usd);
  });

  it('are the first of all before any holds', () => {
    expect(priceAt([{ span: since('2026-03-13'), sheet: sheetOf(7) }], '2020-01-01T00:00:00Z')).toBe(7);
  });

  it.each([
    ['2026-03-12T23:59:59Z', [1, 2, 4, 3]],
    ['2026-03-13T00:00:00Z', [2, 4, 3]],
  ])('that hold at some moment from %s on: %j', (at, usd) => {
    expect(pricesSince(history, at)).toEqual(usd);
  });

  it('all may hold where none is known to have begun', () => {
    expect(pricesSince([{ span: since('2026-03-13'), sheet: sheetOf(7) }], '2020-01-01T00:00:00Z')).toEqual([7]);
  });
});

describe('a constraint of a list', () => {
  it('is read', () => {
    expect(readSpan(undefined)).toEqual({ kind: 'always' });
    expect(readSpan({ type: 'start_date', start_date: '2026-03-13' })).toEqual(since('2026-03-13'));
    expect(readSpan({ type: 'time_of_date', start_time: '00:30:00Z', end_time: '16:30:00Z' })).toEqual({
      kind: 'daily',
      fromMs: hourMs / 2,
      toMs: 16.5 * hourMs,
    });
  });

  it.each([
    { type: 'start_date', start_date: 'soon' } as const,
    { type: 'time_of_date', start_time: '00:30:00+01:00', end_time: '16:30:00Z' } as const,
    { type: 'time_of_date', start_time: '00:30:00Z', end_time: 'late' } as const,
  ])('is not guessed: %j', (constraint) => {
    expect(readSpan(constraint)).toBeUndefined();
  });
});
