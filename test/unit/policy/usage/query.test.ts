import { describe, expect, it } from 'vitest';
import { readUsageQuery, type UsageWords } from '../../../../src/policy/usage/query.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const read = (words: Partial<UsageWords>, atMs = nowMs) =>
  readUsageQuery({ from: undefined, to: undefined, by: undefined, ...words }, atMs);

describe('readUsageQuery', () => {
  it('is this month so far by team and model, unless told otherwise', () => {
    expect(read({})).toEqual({ kind: 'query', query: { fromDay: '2026-11-01', toDay: '2026-11-22', by: ['team', 'model'] } });
  });

  it('reaches to the latest day that has begun anywhere', () => {
    expect(read({}, Date.UTC(2026, 10, 21, 9, 59))).toMatchObject({ query: { toDay: '2026-11-21' } });
    expect(read({}, Date.UTC(2026, 10, 21, 10))).toMatchObject({ query: { toDay: '2026-11-22' } });
    expect(read({}, Date.UTC(2026, 11, 31, 23))).toMatchObject({ query: { fromDay: '2026-12-01', toDay: '2027-01-01' } });
  });

  it('takes days and dimensions as they are given', () => {
    expect(read({ from: '2024-02-29', to: '2024-03-01', by: 'day, user,key' })).toEqual({
      kind: 'query',
      query: { fromDay: '2024-02-29', toDay: '2024-03-01', by: ['day', 'user', 'key'] },
    });
    expect(read({ from: '2027-05-05' })).toMatchObject({ query: { fromDay: '2027-05-05', toDay: '2027-05-05' } });
    expect(read({ from: '2025-01-01', to: '2026-02-04' }).kind).toBe('query');
  });

  it.each<[string, Partial<UsageWords>, string, string]>([
    ['a day that no month has', { from: '2026-02-30' }, 'from', 'use a day'],
    ['a last day that no month has', { to: '2026-11-31' }, 'to', 'use a day'],
    ['a day in words', { from: 'yesterday' }, 'from', 'use a day'],
    ['a day with a time', { to: '2026-11-21T00:00:00Z' }, 'to', 'use a day'],
    ['no day', { from: '' }, 'from', 'use a day'],
    ['days backwards', { from: '2026-11-21', to: '2026-11-20' }, 'to', 'backwards'],
    ['401 days', { from: '2025-01-01', to: '2026-02-05' }, 'to', 'over 400 days'],
    ['an unknown dimension', { by: 'team,tier' }, 'by', 'team, client, key, user, model, day'],
    ['a dimension twice', { by: 'team,team' }, 'by', 'each once'],
    ['no dimension', { by: '' }, 'by', 'one or more'],
    ['a dimension of an object’s own', { by: '__proto__' }, 'by', 'one or more'],
  ])('refuses %s', (_name, words, name, problem) => {
    const refused = read(words);
    expect(refused).toMatchObject({ kind: 'problem', name });
    expect(JSON.stringify(refused)).toContain(problem);
  });
});
