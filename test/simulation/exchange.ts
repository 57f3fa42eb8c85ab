import type { Caller } from '../../src/core/caller.ts';
import type { Amounts } from '../../src/core/limit.ts';
import type { AnswerHead } from '../../src/pipeline/billing.ts';
import type { Decision } from '../../src/pipeline/decide.ts';
import { Metering } from '../../src/pipeline/metering.ts';
import type { RequestHold } from '../../src/pipeline/take-hold.ts';
import { amountsOf, exactly, plus, type Expected } from './charge.ts';
import { costOf } from './provider.ts';
import type { Random } from './random.ts';
import { receive, type ReceivedRequest } from './request.ts';
import type { Sidecar } from './sidecar.ts';
import type { Work } from './answer.ts';
import type { VirtualTime } from './virtual-time.ts';
import { isObserved, type World } from './world.ts';

/** A request that was released, as everybody but the sidecar knows it. */
export interface Exchange {
  readonly sidecar: Sidecar;
  readonly decision: Decision;
  /** Undefined where it passed uncounted. */
  readonly hold: RequestHold | undefined;
  readonly request: ReceivedRequest;
  /** Where its answer is cut it is charged by what was seen of it. */
  readonly isObserved: boolean;
  /** What providers billed for it, whatever came of it. */
  billed: Amounts;
  /** The providers that billed kept to the cap and told the truth, if anything. */
  isHonest: boolean;
  /** It ended before the end of its answer. */
  isCut: boolean;
  isLive: boolean;
  /** Undefined until it is over, and where the sidecar was killed before. */
  expected: Expected | undefined;
}

export interface Surroundings {
  readonly world: World;
  readonly random: Random;
  readonly time: VirtualTime;
  /** When the client goes away, in virtual time; infinite where it stays. */
  readonly leavesAtMs: number;
}

/** What happens to an exchange on its way, and what its sidecar sees of that. */
export interface Course extends Surroundings {
  readonly exchange: Exchange;
  readonly head: (head: AnswerHead) => void;
  readonly piece: (bytes: Buffer, isLast: boolean) => void;
  /** The provider of this attempt bills. */
  readonly bill: (attempt: number, work: Work, isHonest: boolean) => void;
  /** True where the exchange goes on after so long: neither has the client left nor is the sidecar gone. */
  readonly goesOn: (ms: number) => Promise<boolean>;
}

export const exchangeOf = (sidecar: Sidecar, decision: Decision, caller: Caller): Exchange => ({
  sidecar,
  decision,
  hold: decision.hold,
  request: receive(decision.body),
  isObserved: isObserved(caller),
  billed: amountsOf(0),
  isHonest: true,
  isCut: false,
  isLive: true,
  expected: undefined,
});

/** The exchange from its release to the end of its answer, which `follow` draws. */
export async function run(exchange: Exchange, around: Surroundings, follow: (course: Course) => Promise<Expected>): Promise<void> {
  const { sidecar, hold, decision } = exchange;
  const { prices } = around.world.settings;
  const metering = hold && new Metering({ ...decision.metering, held: hold, attempts: decision.attempts, prices });
  const expected = await follow({
    ...around,
    exchange,
    head: (head) => metering?.head(head, sidecar.clock()),
    piece: (bytes, isLast) => metering?.piece(bytes, isLast, sidecar.clock()),
    bill: (attempt, work, isHonest) => {
      const price = around.world.prices.get(decision.attempts[attempt]?.cluster ?? '') ?? { input: 0, output: 0, aboveTokens: 0 };
      const before = { ...exchange.billed, requests: 1 };
      exchange.billed = plus(before, { tokens: work.inputTokens + work.outputTokens, nanoUsd: costOf(price, work) });
      exchange.isHonest &&= isHonest;
    },
    goesOn: async (ms) => {
      await around.time.sleep(Math.max(0, Math.min(ms, around.leavesAtMs - around.time.nowMs())));
      return sidecar.isAlive() && around.time.nowMs() < around.leavesAtMs;
    },
  });
  exchange.isLive = false;
  if (sidecar.isAlive()) {
    exchange.expected = hold === undefined ? exactly('uncounted', amountsOf(0)) : expected;
    metering?.lost(sidecar.clock());
  }
}
