import type { Amounts } from '../../src/core/limit.ts';
import { amountsOf, between, plus, type Expected } from './charge.ts';
import type { Answer } from './answer.ts';
import type { Course, Exchange } from './exchange.ts';
import { costOf, type Behaviour } from './provider.ts';
import type { TokenPrice } from './world.ts';

type AnswerBehaviour = Extract<Behaviour, { kind: 'answer' }>;
type Share = Pick<Amounts, 'tokens' | 'nanoUsd'>;
type Shares = readonly [least: Share, most: Share];

export const heldOf = ({ hold }: Exchange): Amounts => hold?.hold.amounts ?? amountsOf(1);

/** The most that a target may bill; nothing where only requests are limited. */
export const worstAt = ({ hold }: Exchange, index: number): Share => hold?.worst?.targets[index] ?? amountsOf(0);

interface Answering {
  readonly index: number;
  readonly cluster: string;
  /** What the request itself and targets before this one are charged. */
  readonly before: Amounts;
}

/** Longest text of a token in any vocabulary that is in use. */
const tokenBytesMax = 128;

/** The body of an answer, cut anywhere into pieces that take their time; it may end early, by its provider or its client. */
export async function passAnswer(course: Course, behaviour: AnswerBehaviour, answering: Answering): Promise<Expected> {
  const { exchange, random, goesOn, piece } = course;
  const { bytes } = behaviour.answer;
  const pieces = random.between(1, 6);
  const breaksAt = random.chance(0.15) ? random.between(0, bytes.length) : bytes.length;
  const isSlow = random.chance(0.15);
  let seen = 0;
  for (let number = 1; number <= pieces; number += 1) {
    if (!(await goesOn(isSlow ? random.between(5_000, 25_000) : random.between(0, 1_500)))) {
      exchange.isCut = true;
      return expectedOf(course, behaviour, answering, seen);
    }
    const to = Math.min(breaksAt, number === pieces ? bytes.length : random.between(seen, bytes.length));
    const isEnd = number === pieces && breaksAt === bytes.length;
    piece(bytes.subarray(seen, to), isEnd);
    seen = to;
    exchange.isCut = number === pieces && !isEnd;
  }
  return expectedOf(course, behaviour, answering, seen);
}

/** By docs/limits.md: its usage where that was seen, else what was held for the target, or what was seen of the answer. */
function expectedOf(course: Course, behaviour: AnswerBehaviour, { before, cluster, index }: Answering, seen: number): Expected {
  const { exchange, world } = course;
  const price = world.prices.get(cluster);
  const told = price && toldShares(price, behaviour);
  const { rule, shares } =
    exchange.hold?.worst === undefined
      ? { rule: 'for the statement', shares: [NONE, told?.[1] ?? NONE] as const }
      : ruleFor(exchange, index, told, usageSeen(behaviour.answer, exchange.isCut, seen));
  const [least, most] = shares;
  return between(rule, plus(before, least), plus(before, most));
}

interface Rule {
  readonly rule: string;
  readonly shares: Shares;
}

function ruleFor(exchange: Exchange, index: number, told: Shares | undefined, seen: Seen): Rule {
  const held = worstAt(exchange, index);
  const untold: Rule =
    exchange.isCut && exchange.isObserved ? { rule: 'observed', shares: [SOME_INPUT, held] } : { rule: 'held', shares: [held, held] };
  if (told === undefined || seen === 'no') {
    return untold;
  }
  return seen === 'yes' ? { rule: 'usage', shares: told } : { rule: 'usage or held', shares: either(told, untold.shares) };
}

type Seen = 'yes' | 'no' | 'perhaps';

/** Whether the usage was among the bytes that were seen; `perhaps` = the answer ended within it, or just after it. */
function usageSeen({ usageFrom, usageTo }: Answer, isCut: boolean, seen: number): Seen {
  if (!isCut || seen > usageTo) {
    return 'yes';
  }
  return seen < usageFrom ? 'no' : 'perhaps';
}

const NONE = amountsOf(0);
/** No request is without input. */
const SOME_INPUT = amountsOf(0, 1);

const either = ([least, most]: Shares, [otherLeast, otherMost]: Shares): Shares => [
  { tokens: Math.min(least.tokens, otherLeast.tokens), nanoUsd: Math.min(least.nanoUsd, otherLeast.nanoUsd) },
  { tokens: Math.max(most.tokens, otherMost.tokens), nanoUsd: Math.max(most.nanoUsd, otherMost.nanoUsd) },
];

/** What the usage that is told comes to; where more text was seen than that much output can be, at least what the text was. */
function toldShares(price: TokenPrice, { telling, textBytes }: AnswerBehaviour): Shares | undefined {
  if (telling.kind !== 'figures') {
    return undefined;
  }
  const { inputTokens, outputTokens } = telling.work;
  const share = (tokens: number): Share => ({
    tokens: inputTokens + tokens,
    nanoUsd: costOf(price, { inputTokens, outputTokens: tokens }),
  });
  const isLow = outputTokens * tokenBytesMax < textBytes;
  return isLow ? [share(Math.ceil(textBytes / tokenBytesMax)), share(textBytes)] : [share(outputTokens), share(outputTokens)];
}
