import { describe, expect, it } from 'vitest';
import { billing, type AnswerHead } from '../../../src/pipeline/billing.ts';
import type { Attempt } from '../../../src/policy/order.ts';

const attempt = (cluster: string, model = 'm'): Attempt => ({ cluster, model, path: '/v1/chat/completions', authority: 'example' });
const attempts = [attempt('alpha'), attempt('beta'), attempt('gamma')];
const worst = {
  inputTokens: 1,
  targets: attempts.map(({ cluster, model }, index) => ({ cluster, model, tokens: 10 ** index, nanoUsd: 2 * 10 ** index })),
};

const judge = (head: Partial<AnswerHead>, waitedMs = 0, order = attempts) =>
  billing(
    {
      status: 200,
      provider: 'alpha',
      attempts: 1,
      details: 'via_upstream',
      contentType: 'application/json',
      endOfStream: false,
      ...head,
    },
    { attempts: order, worst, waitedMs, firstByteMs: 1_000 },
  );

const amounts = (tokens: number): object => ({ requests: 1, tokens, nanoUsd: 2 * tokens });

describe('the head of an answer', () => {
  it('of the first target is charged by its body', () => {
    expect(judge({})).toEqual({ kind: 'answered', answered: 0, before: amounts(0) });
  });

  it('of a later target is charged by its body, and targets that failed at once by nothing', () => {
    expect(judge({ provider: 'gamma', attempts: 3 }, 900)).toEqual({ kind: 'answered', answered: 2, before: amounts(0) });
  });

  it.each([
    ['one, which may be the dearer one', 1_000, 10],
    ['two', 2_500, 11],
    ['never more than were asked before', 60_000, 11],
  ])('after targets that were silent charges what was held for them: %s', (_name, waitedMs, tokens) => {
    expect(judge({ provider: 'gamma', attempts: 3 }, waitedMs)).toEqual({ kind: 'answered', answered: 2, before: amounts(tokens) });
  });

  it('of an attempt beyond the order is that of its last target', () => {
    expect(judge({ provider: 'gamma', attempts: 7 })).toMatchObject({ kind: 'answered', answered: 2 });
  });

  it('tells two targets at one provider apart by the attempt', () => {
    const twice = [attempt('alpha', 'large'), attempt('alpha', 'small')];
    expect(judge({ attempts: 2 }, 0, twice)).toMatchObject({ kind: 'answered', answered: 1 });
    expect(judge({ attempts: 1 }, 0, twice)).toMatchObject({ kind: 'answered', answered: 0 });
  });

  it('without a number of attempts is that of the provider it names', () => {
    expect(judge({ provider: 'beta', attempts: undefined })).toMatchObject({ kind: 'answered', answered: 1 });
  });

  it('of a provider that was not in the order is charged in full: something is wrong', () => {
    expect(judge({ provider: 'delta' })).toEqual({ kind: 'held' });
  });

  it.each([400, 401, 403, 404, 429, 500, 503, 529])('with status %i is not billed', (status) => {
    expect(judge({ status })).toEqual({ kind: 'unbilled', before: amounts(0) });
  });

  it.each([408, 504])('with status %i may be billed all the same', (status) => {
    expect(judge({ status, provider: 'beta', attempts: 2 }, 1_500)).toEqual({ kind: 'unbilled', before: amounts(11) });
  });
});

describe('an answer of Envoy’s own', () => {
  it.each([
    'no_healthy_upstream',
    'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}',
    'upstream_reset_before_response_started{overflow}',
    'rbac_access_denied_matched_policy[none]',
    'credential_injector_failed',
    'cluster_not_found',
  ])('because nobody could be asked is not charged: %s', (details) => {
    expect(judge({ provider: undefined, status: 503, details })).toEqual({ kind: 'unreached' });
  });

  it('because nobody could be asked charges the targets that were silent before', () => {
    const details = 'no_healthy_upstream';
    expect(judge({ provider: undefined, status: 503, attempts: 2, details }, 1_000)).toEqual({ kind: 'unbilled', before: amounts(1) });
  });

  it.each([
    'upstream_per_try_timeout',
    'response_timeout',
    'upstream_reset_before_response_started{connection_termination}',
    'something_new',
    '',
  ])('for another reason is charged in full: %s', (details) => {
    expect(judge({ provider: undefined, status: 504, details })).toEqual({ kind: 'held' });
  });
});

it('without targets under a limit of tokens or money only the request is charged', () => {
  const facts = { attempts, worst: undefined, waitedMs: 5_000, firstByteMs: 1_000 };
  const head = { status: 200, provider: 'beta', attempts: 2, details: 'via_upstream', contentType: '', endOfStream: false };
  expect(billing(head, facts)).toEqual({ kind: 'answered', answered: 1, before: { requests: 1, tokens: 0, nanoUsd: 0 } });
  const own = { ...head, provider: undefined, details: 'no_healthy_upstream' };
  expect(billing(own, facts)).toEqual({ kind: 'unbilled', before: { requests: 1, tokens: 0, nanoUsd: 0 } });
});
