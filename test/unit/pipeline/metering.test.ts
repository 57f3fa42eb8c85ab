import { describe, expect, it } from 'vitest';
import { mustBeAmounts } from '../../../src/core/ledger/check.ts';
import type { Amounts } from '../../../src/core/limit.ts';
import { worstOf } from '../../../src/policy/limits/bound-request.ts';
import type { BodyOperation } from '../../../src/policy/llm/fields.ts';
import { openPriceBook } from '../../../src/policy/prices/price-book.ts';
import type { AnswerHead } from '../../../src/pipeline/billing.ts';
import { Metering } from '../../../src/pipeline/metering.ts';
import { LISTED_AT_MS, operatorPrice, operatorPrices, priceFacts } from '../../support/price-facts.ts';

const attempt = (cluster: string) => ({ cluster, model: 'small', path: '/v1/chat/completions', authority: cluster });
const target = (cluster: string, isFree: boolean) => ({ cluster, model: 'small', tokens: isFree ? 0 : 100, nanoUsd: isFree ? 0 : 5_000 });
const prices = openPriceBook(
  priceFacts(
    operatorPrices({
      local: { small: operatorPrice({ input: 1, output: 1, request: 0.5 }) },
      named: { small: operatorPrice({ input: 1, output: 1 }) },
    }),
  ),
);

const answeredBy = (provider: string, changes: Partial<AnswerHead> = {}): AnswerHead => ({
  status: 200,
  provider,
  attempts: 1,
  ends: [],
  details: 'via_upstream',
  contentType: 'application/json',
  endOfStream: false,
  ...changes,
});

/** What is settled, by the first word, for a request to `local`, then `named`, whose answer is this one. */
function settledFor(head: AnswerHead, answer: object, operation: BodyOperation = 'chat'): Amounts | undefined {
  let settled: Amounts | undefined;
  const isFree = operation === 'count_tokens';
  const targets = [target('local', isFree), target('named', isFree)];
  const metering = new Metering({
    held: {
      hold: { id: 'hold', amounts: worstOf(targets), settle: (amounts) => (settled ??= amounts), cancel: () => undefined },
      worst: { inputTokens: isFree ? 0 : 60, targets },
      onDisconnect: 'hold',
    },
    attempts: [attempt('local'), attempt('named')],
    operation,
    echoes: false,
    serviceTier: undefined,
    speed: undefined,
    inferenceGeo: undefined,
    stripUsage: false,
    prices,
  });
  metering.head(head, LISTED_AT_MS);
  metering.piece(Buffer.from(JSON.stringify(answer)), true, LISTED_AT_MS);
  return settled;
}

describe('the charge of an answer', () => {
  it('is a figure that a ledger takes, whatever its provider reports and others bill beside it', () => {
    const head = answeredBy('named', { attempts: 2, ends: [{ kind: 'unanswered' }] });
    const usage = { prompt_tokens: 1, completion_tokens: Number.MAX_SAFE_INTEGER - 1, total_tokens: Number.MAX_SAFE_INTEGER };
    const amounts = settledFor(head, { usage });
    expect(amounts).toEqual({ requests: 1, tokens: Number.MAX_SAFE_INTEGER, nanoUsd: Number.MAX_SAFE_INTEGER });
    expect(() => {
      mustBeAmounts(amounts ?? { requests: NaN, tokens: NaN, nanoUsd: NaN });
    }).not.toThrow();
  });

  it('is nothing where tokens are counted, as it was held, though the model has a price of each request', () => {
    const free = { requests: 1, tokens: 0, nanoUsd: 0 };
    expect(settledFor(answeredBy('local'), { input_tokens: 9 }, 'count_tokens')).toEqual(free);
    const usage = { prompt_tokens: 1, completion_tokens: 1 };
    expect(settledFor(answeredBy('local'), { usage })).toEqual({ requests: 1, tokens: 2, nanoUsd: 500_002_000 });
  });
});
