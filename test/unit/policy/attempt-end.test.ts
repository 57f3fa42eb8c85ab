import { expect, it } from 'vitest';
import { mayBill } from '../../../src/policy/attempt-end.ts';

it.each([400, 401, 403, 404, 409, 422, 429, 499, 503, 529])('a provider that answered %i has not worked', (status) => {
  expect(mayBill({ kind: 'answered', status })).toBe(false);
});

it.each([0, 200, 302, 408, 500, 501, 502, 504, 520, 530, 599])('a provider that answered %i may have worked', (status) => {
  expect(mayBill({ kind: 'answered', status })).toBe(true);
});

it('a provider that gave no answer may have worked, unless nothing was sent to it', () => {
  expect(mayBill({ kind: 'unanswered' })).toBe(true);
  expect(mayBill({ kind: 'unsent' })).toBe(false);
});
