import { describe, expect, it } from 'vitest';
import { billing, type AnswerHead } from '../../../src/pipeline/billing.ts';
import type { AttemptEnd } from '../../../src/policy/attempt-end.ts';
import type { Attempt } from '../../../src/policy/order.ts';

const attempt = (cluster: string, model = 'm'): Attempt => ({ cluster, model, path: '/v1/chat/completions', authority: 'example' });
const attempts = [attempt('alpha'), attempt('beta'), attempt('gamma')];
const worst = {
  inputTokens: 1,
  targets: attempts.map(({ cluster, model }, index) => ({ cluster, model, tokens: 10 ** index, nanoUsd: 2 * 10 ** index })),
};

const refused: AttemptEnd = { kind: 'unsent' };
const reset: AttemptEnd = { kind: 'unanswered' };
const status = (code: number): AttemptEnd => ({ kind: 'answered', status: code });

const judge = (head: Partial<AnswerHead>, order = attempts) =>
  billing(
    {
      status: 200,
      provider: 'alpha',
      attempts: 1,
      ends: [],
      details: 'via_upstream',
      contentType: 'application/json',
      endOfStream: false,
      ...head,
    },
    { attempts: order, worst },
  );

const amounts = (tokens: number): object => ({ requests: 1, tokens, nanoUsd: 2 * tokens });

describe('the head of an answer', () => {
  it('of the first target is charged by its body', () => {
    expect(judge({})).toEqual({ kind: 'answered', answered: 0, before: amounts(0) });
  });

  it.each([
    ['that certainly did not work, by nothing', [status(429), refused], 0],
    ['of which one may have worked, by what was held for that one', [refused, reset], 10],
    ['that answered 502 and 503, by what was held for the former', [status(502), status(503)], 1],
    ['that may both have worked, by what was held for both', [reset, status(500)], 11],
    ['of which nothing is known, by what was held for both', [], 11],
  ] as const)('of a later target is charged by its body, and targets before it %s', (_name, ends, tokens) => {
    expect(judge({ provider: 'gamma', attempts: 3, ends })).toEqual({ kind: 'answered', answered: 2, before: amounts(tokens) });
  });

  it('charges no target twice, and never one that was not asked', () => {
    expect(judge({ provider: 'gamma', attempts: 7, ends: [reset, reset, reset, reset, reset, reset] })).toEqual({
      kind: 'answered',
      answered: 2,
      before: amounts(11),
    });
    expect(judge({ provider: 'beta', attempts: 2, ends: [reset] })).toEqual({ kind: 'answered', answered: 1, before: amounts(1) });
  });

  it('charges nothing beside the answer where only a connection to the same target was tried again', () => {
    expect(judge({ attempts: 2, ends: [reset] }, [attempt('alpha')])).toEqual({ kind: 'answered', answered: 0, before: amounts(0) });
  });

  it('tells two targets at one provider apart by the attempt', () => {
    const twice = [attempt('alpha', 'large'), attempt('alpha', 'small')];
    expect(judge({ attempts: 2, ends: [status(503)] }, twice)).toEqual({ kind: 'answered', answered: 1, before: amounts(0) });
    expect(judge({ attempts: 1 }, twice)).toEqual({ kind: 'answered', answered: 0, before: amounts(0) });
  });

  it('without a number of attempts is that of the provider it names, and all before it are charged', () => {
    expect(judge({ provider: 'gamma', attempts: undefined })).toEqual({ kind: 'answered', answered: 2, before: amounts(11) });
  });

  it('of another target than the last one that was asked charges that one too', () => {
    expect(judge({ provider: 'alpha', attempts: 2, ends: [status(503)] })).toEqual({ kind: 'answered', answered: 0, before: amounts(10) });
  });

  it('of a provider that was not in the order is charged in full: something is wrong', () => {
    expect(judge({ provider: 'delta' })).toEqual({ kind: 'held' });
  });

  it.each([400, 401, 403, 404, 429, 503, 529])('with status %i is not billed', (code) => {
    expect(judge({ status: code })).toEqual({ kind: 'failed', charge: amounts(0) });
  });

  it.each([408, 500, 502, 504])('with status %i may be billed all the same', (code) => {
    expect(judge({ status: code, provider: 'beta', attempts: 2, ends: [status(503)] })).toEqual({ kind: 'failed', charge: amounts(10) });
  });

  it('with an error charges targets before it that may have worked', () => {
    expect(judge({ status: 503, provider: 'beta', attempts: 2, ends: [status(500)] })).toEqual({ kind: 'failed', charge: amounts(1) });
  });
});

describe('an answer of Envoy’s own', () => {
  const own = { provider: undefined, status: 503 };

  it.each([
    'no_healthy_upstream',
    'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}',
    'upstream_reset_before_response_started{overflow}',
    'rbac_access_denied_matched_policy[none]',
    'credential_injector_failed',
    'cluster_not_found',
  ])('because nobody could be asked is not charged: %s', (details) => {
    expect(judge({ ...own, details })).toEqual({ kind: 'unreached' });
    expect(judge({ ...own, details, attempts: 3, ends: [refused, refused] })).toEqual({ kind: 'unreached' });
    expect(judge({ ...own, details, attempts: undefined })).toEqual({ kind: 'unreached' });
  });

  it.each([
    ['one request, where a provider has turned it away before', [status(503), refused], 0],
    ['what was held for those that may have worked before', [status(500), reset], 11],
    ['what was held for those of which nothing is known', [], 11],
  ] as const)('because the last one could not be asked charges %s', (_name, ends, tokens) => {
    const details = 'no_healthy_upstream';
    expect(judge({ ...own, attempts: 3, ends, details })).toEqual({ kind: 'failed', charge: amounts(tokens) });
  });

  it.each(['upstream_per_try_idle_timeout', 'upstream_reset_before_response_started{connection_termination}', 'something_new', ''])(
    'for another reason charges what was held for the last target, and for each before it by its end: %s',
    (details) => {
      expect(judge({ ...own, details, attempts: 1 })).toEqual({ kind: 'failed', charge: amounts(1) });
      expect(judge({ ...own, details, attempts: 3, ends: [reset, refused] })).toEqual({ kind: 'failed', charge: amounts(101) });
    },
  );

  it.each([undefined, 0])('for another reason is charged in full where it does not say who was asked (%s attempts)', (count) => {
    expect(judge({ ...own, details: 'response_timeout', attempts: count })).toEqual({ kind: 'held' });
  });
});

it('without targets under a limit of tokens or money only the request is charged', () => {
  const facts = { attempts, worst: undefined };
  const head = {
    status: 200,
    provider: 'beta',
    attempts: 2,
    ends: [reset],
    details: 'via_upstream',
    contentType: '',
    endOfStream: false,
  };
  expect(billing(head, facts)).toEqual({ kind: 'answered', answered: 1, before: { requests: 1, tokens: 0, nanoUsd: 0 } });
  const own = { ...head, provider: undefined, details: 'no_healthy_upstream' };
  expect(billing(own, facts)).toEqual({ kind: 'failed', charge: { requests: 1, tokens: 0, nanoUsd: 0 } });
  expect(billing({ ...own, ends: [refused] }, facts)).toEqual({ kind: 'unreached' });
});
