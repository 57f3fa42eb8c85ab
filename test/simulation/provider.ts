import type { Operation } from '../../src/core/operation.ts';
import { answerOf, type Answer, type Telling, type Work } from './answer.ts';
import type { Random } from './random.ts';
import type { ReceivedRequest } from './request.ts';
import type { TokenPrice } from './world.ts';

/** What a provider does with a request. */
export type Behaviour =
  /** No connection: it sees nothing of the request. */
  | { readonly kind: 'unreachable' }
  /** It has worked where it bills. */
  | { readonly kind: 'error'; readonly status: number }
  /** Works, and says nothing for longer than anybody waits. */
  | { readonly kind: 'silent' }
  /** Works, and the connection breaks before it says anything. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'answer'; readonly answer: Answer; readonly telling: Telling; readonly textBytes: number };

export interface Attended {
  readonly behaviour: Behaviour;
  /** What it bills if it worked. */
  readonly work: Work;
  /** It bills no more than it was allowed to, and says what it bills (or nothing that can be read). */
  readonly isHonest: boolean;
}

/** Longest text of a token here: far below what any token has. */
const tokenBytesMax = 6;
const errors = [400, 404, 408, 429, 500, 502, 503, 504, 529] as const;

/** A provider at work on one request. One that is dishonest bills more than it was allowed to, or says less than it bills. */
export function attend(random: Random, operation: Operation, request: ReceivedRequest, mayLie: boolean): Attended {
  const cap = request.outputTokensMax ?? 100;
  const isGreedy = mayLie && random.chance(0.1);
  const isModest = mayLie && !isGreedy && random.chance(0.1);
  const work: Work = {
    inputTokens: random.between(1, request.bytes),
    outputTokens: random.chance(0.3) ? cap : random.between(0, cap) + (isGreedy ? 3 * cap : 0),
  };
  return { behaviour: draw(random, operation, request, work, isModest), work, isHonest: !isGreedy && !isModest };
}

function draw(random: Random, operation: Operation, request: ReceivedRequest, work: Work, isModest: boolean): Behaviour {
  const dice = random.fraction();
  if (dice < 0.08) {
    return { kind: 'unreachable' };
  }
  if (dice < 0.2) {
    return { kind: 'error', status: random.pick(errors) };
  }
  if (dice < 0.28) {
    return { kind: 'silent' };
  }
  if (dice < 0.32) {
    return { kind: 'reset' };
  }
  const said: Telling = isModest
    ? { kind: 'figures', work: { inputTokens: 1, outputTokens: Math.floor(work.outputTokens / 200) } }
    : random.pick([
        { kind: 'figures', work },
        { kind: 'figures', work },
        { kind: 'figures', work },
        { kind: 'nothing' },
        { kind: 'garbled' },
      ]);
  const text = 'a'.repeat(work.outputTokens * random.between(1, tokenBytesMax));
  const { isStream, tellsUsage } = request;
  const isTold = !isStream || operation !== 'chat' || tellsUsage;
  const telling: Telling = isTold ? said : { kind: 'nothing' };
  return { kind: 'answer', answer: answerOf({ operation, isStream, tellsUsage, text, telling }), telling, textBytes: text.length };
}

/** Of a price list that the simulation keeps for itself. */
export function costOf({ input, output, aboveTokens }: TokenPrice, { inputTokens, outputTokens }: Work): number {
  return (inputTokens * input + outputTokens * output) * (inputTokens > aboveTokens ? 2 : 1);
}
