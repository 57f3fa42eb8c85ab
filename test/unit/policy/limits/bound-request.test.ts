import { describe, expect, it } from 'vitest';
import { must } from '../../../../src/core/assert.ts';
import { mustBeAmounts } from '../../../../src/core/ledger/check.ts';
import type { OutputCaps } from '../../../../src/policy/llm/worst-case.ts';
import { boundRequest, worstOf } from '../../../../src/policy/limits/bound-request.ts';
import type { Attempt } from '../../../../src/policy/order.ts';
import type { CeilingAnswer } from '../../../../src/policy/prices/price-book.ts';
import { judgeWith } from '../llm/samples.ts';

const attempt = (cluster: string): Attempt => ({ cluster, model: `${cluster}-large`, path: '/v1/chat/completions', authority: cluster });
const priced: CeilingAnswer = { kind: 'bounded', nanoUsd: 7, source: 'models' };
const unpriced: CeilingAnswer = { kind: 'unknown', what: 'model', name: 'beta-large' };

const image = { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/cat.png' } }] }] };

interface Asked {
  readonly contextTokens?: number;
  readonly hasBudget?: boolean;
  readonly beta?: CeilingAnswer;
  readonly cap?: OutputCaps | undefined;
}

const small: OutputCaps = { default: 10, max: 10 };

function bound(members: Readonly<Record<string, unknown>>, asked: Asked = {}) {
  const { contextTokens, hasBudget = false, beta = priced, cap } = { cap: small, ...asked };
  const judged = judgeWith('chat', members);
  must(judged.kind === 'next', 'the sample is accepted');
  return boundRequest(
    { ceilingOf: ({ provider }) => (provider === 'beta' ? beta : priced) },
    {
      model: { cap, contextTokens },
      judged: judged.found,
      attempts: [attempt('alpha'), attempt('beta')],
      hasBudget,
    },
  );
}

describe('what a request may cost at most', () => {
  it('cannot be told with an image, unless the model says how much it reads', () => {
    expect(bound(image)).toMatchObject({ kind: 'deny', denial: { code: 'input_unbounded' } });
    expect(bound(image, { contextTokens: 128_000 })).toMatchObject({ kind: 'next', found: { inputTokens: 128_000 } });
  });

  it('is not the context window where the bytes are the bound', () => {
    const [without, within] = [bound({}), bound({}, { contextTokens: 128_000 })];
    expect(without.kind).toBe('next');
    expect(within).toEqual(without);
  });

  it('must have a price at every target under a budget, and only there', () => {
    expect(bound({}, { hasBudget: true, beta: unpriced })).toMatchObject({ kind: 'deny', denial: { code: 'price_unknown' } });
    expect(bound({}, { beta: unpriced })).toMatchObject({ kind: 'next', found: { targets: [{ nanoUsd: 7 }, { nanoUsd: 0 }] } });
  });

  it.each([
    ['model', undefined],
    ['serviceTier', 'Without a price: the service tier "swift".'],
    ['component', 'Without a price: swift.'],
  ] as const)('names what has no price where a client could leave it out: %s', (what, publicHint) => {
    expect(bound({}, { hasBudget: true, beta: { kind: 'unknown', what, name: 'swift' } })).toMatchObject({ denial: { publicHint } });
  });

  it('is what all of its targets may bill, for one request', () => {
    const outcome = bound({}, { hasBudget: true });
    must(outcome.kind === 'next', 'it is bounded');
    const tokens = 2 * (outcome.found.inputTokens + 10);
    expect(worstOf(outcome.found.targets)).toEqual({ requests: 1, tokens, nanoUsd: 14 });
    expect(worstOf([])).toEqual({ requests: 1, tokens: 0, nanoUsd: 0 });
  });

  it('is a figure that a limit can be compared with, however much the client asks for', () => {
    const most: CeilingAnswer = { kind: 'bounded', nanoUsd: Number.MAX_SAFE_INTEGER, source: 'models' };
    const outcome = bound({ max_completion_tokens: Number.MAX_SAFE_INTEGER, n: 128 }, { hasBudget: true, beta: most, cap: undefined });
    must(outcome.kind === 'next', 'it is bounded');
    expect(outcome.found.targets.map(({ tokens }) => tokens)).toEqual([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);
    const amounts = worstOf(outcome.found.targets);
    expect(amounts).toEqual({ requests: 1, tokens: Number.MAX_SAFE_INTEGER, nanoUsd: Number.MAX_SAFE_INTEGER });
    expect(() => {
      mustBeAmounts(amounts);
    }).not.toThrow();
  });
});
