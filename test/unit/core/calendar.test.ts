import { describe, expect, it } from 'vitest';
import { openCalendar, periodAt } from '../../../src/core/calendar.ts';
import type { BudgetPeriod } from '../../../src/core/limit.ts';

const at = (text: string): number => Date.parse(text);
const span = (text: string, period: BudgetPeriod, timeZone: string): readonly string[] => {
  const { id, fromMs, toMs } = periodAt(at(text), period, timeZone);
  return [id, new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
};

describe('a period', () => {
  it.each([
    ['a day of UTC', '2026-11-21T12:00:00Z', 'day', 'UTC', ['2026-11-21', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z']],
    [
      'the last millisecond',
      '2026-11-21T23:59:59.999Z',
      'day',
      'UTC',
      ['2026-11-21', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
    ],
    [
      'the first millisecond',
      '2026-11-22T00:00:00.000Z',
      'day',
      'UTC',
      ['2026-11-22', '2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ],
    [
      'a zone half an hour off',
      '2026-11-21T18:30:00Z',
      'day',
      'Asia/Kolkata',
      ['2026-11-22', '2026-11-21T18:30:00.000Z', '2026-11-22T18:30:00.000Z'],
    ],
    ['a leap day', '2028-02-29T12:00:00Z', 'month', 'UTC', ['2028-02', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z']],
    ['December', '2026-12-31T12:00:00Z', 'month', 'UTC', ['2026-12', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']],
    ['a year', '2026-07-01T00:00:00Z', 'year', 'UTC', ['2026', '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']],
    ['a Monday', '2026-11-23T00:00:00Z', 'week', 'UTC', ['2026-11-23', '2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z']],
    ['a Sunday', '2026-11-22T23:59:59Z', 'week', 'UTC', ['2026-11-16', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z']],
  ] as const)('of %s has its edges', (_name, text, period, timeZone, expected) => {
    expect(span(text, period, timeZone)).toEqual(expected);
  });

  it('Q17: has 23 hours where summer begins and 25 where it ends', () => {
    expect(span('2026-03-29T12:00:00Z', 'day', 'Europe/Berlin')).toEqual([
      '2026-03-29',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(span('2026-10-25T12:00:00Z', 'day', 'Europe/Berlin')).toEqual([
      '2026-10-25',
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ]);
  });

  it('Q17: begins with the first moment of a day that has no midnight', () => {
    // Beirut went from 23:59:59 of 2024-03-30 to 01:00 of the next day.
    expect(span('2024-03-31T12:00:00Z', 'day', 'Asia/Beirut')).toEqual([
      '2024-03-31',
      '2024-03-30T22:00:00.000Z',
      '2024-03-31T21:00:00.000Z',
    ]);
  });

  it.each(['UTC', 'Asia/Kolkata', 'America/Sao_Paulo', 'Pacific/Apia', 'Asia/Beirut', 'America/Havana'])(
    'Q17: of %s follows the one before without a gap',
    (timeZone) => {
      for (const period of ['day', 'week', 'month'] as const) {
        let { toMs } = periodAt(at('2025-12-30T00:00:00Z'), period, timeZone);
        const end = at('2027-01-05T00:00:00Z');
        while (toMs < end) {
          const next = periodAt(toMs, period, timeZone);
          expect(next.fromMs).toBe(toMs);
          expect(next.toMs).toBeGreaterThan(toMs);
          ({ toMs } = next);
        }
      }
    },
  );
});

describe('a calendar', () => {
  it('gives the period of now between its neighbours, and follows the clock', () => {
    const periods = openCalendar();
    const ids = (text: string): readonly string[] => periods('day', 'UTC', at(text)).map(({ id }) => id);
    expect(ids('2026-11-21T12:00:00Z')).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
    expect(ids('2026-11-21T23:59:59Z')).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
    expect(ids('2026-11-22T00:00:00Z')).toEqual(['2026-11-21', '2026-11-22', '2026-11-23']);
    expect(ids('2026-11-21T12:00:00Z')).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
  });
});
