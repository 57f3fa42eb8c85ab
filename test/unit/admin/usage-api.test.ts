import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOTHING, type Account, type Amounts } from '../../../src/core/limit.ts';
import { StoreError } from '../../../src/ports/key-store.ts';
import { adminNowMs, openTestAdmin, type TestAdmin } from '../../support/admin.ts';

let admin: TestAdmin;
let token: string;
beforeEach(async () => {
  admin = await openTestAdmin();
  ({ token } = await admin.createOperator('vic', 'viewer'));
});
afterEach(async () => {
  await admin[Symbol.asyncDispose]();
});

const spend = (day: string, account: Partial<Account>, amounts: Partial<Amounts>): void => {
  admin.ledger.state().addSpending(day, { team: '', client: '', key: '', user: '', model: '', ...account }, { ...NOTHING, ...amounts });
};
const usage = (query = '') => admin.ask({ path: `/admin/usage${query}`, token });

describe('GET /admin/usage', () => {
  it('adds up the statement by what was asked for, exactly', async () => {
    spend('2126-11-01', { team: 'finance', model: 'large' }, { requests: 2, tokens: 30, nanoUsd: 1 });
    spend('2126-11-22', { team: 'finance', model: 'large', user: 'ann' }, { requests: 1, tokens: 5, nanoUsd: 999_999_999 });
    spend('2126-11-21', { model: 'small' }, { requests: 1, tokens: 1, nanoUsd: 150 });
    spend('2126-10-31', { team: 'finance', model: 'large' }, { requests: 9, tokens: 9, nanoUsd: 9 });
    expect((await usage()).json).toEqual({
      from: '2126-11-01',
      to: '2126-11-22',
      by: ['team', 'model'],
      rows: [
        { team: '', model: 'small', requests: 1, tokens: 1, usd: '0.000000150' },
        { team: 'finance', model: 'large', requests: 3, tokens: 35, usd: '1.000000000' },
      ],
      total: { requests: 4, tokens: 36, usd: '1.000000150' },
    });
    const csv = await usage('?from=2126-10-31&to=2126-11-01&by=day&format=csv');
    expect([csv.status, csv.type]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
    expect(csv.text).toBe(
      'line,day,requests,tokens,usd\r\nitem,2126-10-31,9,9,0.000000009\r\nitem,2126-11-01,2,30,0.000000001\r\ntotal,,11,39,0.000000010\r\n',
    );
  });

  it.each([
    ['?from=yesterday', '"from"'],
    ['?to=2026-02-30', '"to"'],
    ['?from=2126-11-21&to=2126-11-20', 'backwards'],
    ['?from=2020-01-01', 'over 400 days'],
    ['?by=tier', '"by"'],
    ['?format=xml', '"format"'],
  ])('refuses %s', async (query, words) => {
    const answer = await usage(query);
    expect(answer).toMatchObject({ status: 400, code: 'query_invalid' });
    expect(answer.text).toContain(JSON.stringify(words).slice(1, -1));
  });

  it('refuses a report of more than 10,000 rows rather than hold up the process', async () => {
    for (let user = 0; user < 10_001; user += 1) {
      spend('2126-11-21', { user: `user-${String(user)}` }, { requests: 1 });
    }
    expect(await usage('?by=user')).toMatchObject({ status: 400, code: 'report_too_large' });
    expect(await usage('?by=model')).toMatchObject({ status: 200, json: { total: { requests: 10_001 } } });
  });

  it('says so where the ledger cannot be read, and never shows a part for the whole', async () => {
    let asked = 0;
    const spending = (): Promise<readonly never[]> => {
      asked += 1;
      return asked > 3 ? Promise.reject(new StoreError('timeout')) : Promise.resolve([]);
    };
    await using failing = await openTestAdmin({ ledger: { spending } });
    const operator = await failing.createOperator('vic', 'viewer');
    expect(await failing.ask({ path: '/admin/usage', token: operator.token })).toMatchObject({ status: 503, code: 'store_unavailable' });
    expect(failing.records.at(-1)).toMatchObject({ operator: 'vic', outcome: 'store_unavailable', detail: 'key store: timeout' });
  });

  it('follows the clock', async () => {
    admin.at(adminNowMs + 12 * 3_600_000 - 1);
    expect(await usage()).toMatchObject({ json: { from: '2126-11-01', to: '2126-11-22' } });
  });
});
