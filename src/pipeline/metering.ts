import { addAmounts } from '../core/ledger/add-amounts.ts';
import type { Amounts } from '../core/limit.ts';
import type { BodyOperation } from '../policy/llm/fields.ts';
import { openStrippedStream } from '../policy/llm/answer-stream.ts';
import { chargeFor } from '../policy/llm/usage/charge.ts';
import { openMeter } from '../policy/llm/usage/meter.ts';
import type { MeterSubject, Metered } from '../policy/llm/usage/metered.ts';
import type { Usage } from '../policy/llm/usage/usage.ts';
import type { Attempt } from '../policy/order.ts';
import { isFree, type PriceBook } from '../policy/prices/price-book.ts';
import { billing, type AnswerHead } from './billing.ts';
import type { RequestHold } from './take-hold.ts';

/** What an exchange needs to be charged, known when it is released. */
export interface MeteringFacts {
  readonly held: RequestHold;
  readonly attempts: readonly Attempt[];
  readonly operation: BodyOperation;
  readonly echoes: boolean;
  readonly serviceTier: string | undefined;
  readonly speed: string | undefined;
  readonly inferenceGeo: string | undefined;
  /** Usage is in the stream only because we asked for it. */
  readonly stripUsage: boolean;
  readonly prices: PriceBook;
}

/** Reads what an answer costs while it passes. */
interface Reader {
  /** The next piece; what the client gets in its place, undefined = the same. */
  push(piece: Uint8Array, isLast: boolean): Uint8Array | undefined;
  read(isWhole: boolean): Metered;
}

/** The charging of one released exchange: its hold is settled when the answer is over, however that comes about. Never throws. */
export class Metering {
  readonly #facts: MeteringFacts;
  #reader: Reader | undefined;
  /** The attempt that answered, counted from 0. */
  #answered = 0;
  /** The request itself, and targets before the one that answered which may bill. */
  #before: Amounts = { requests: 1, tokens: 0, nanoUsd: 0 };
  /** True where the pieces of the answer are not passed on as they are. */
  edits = false;

  constructor(facts: MeteringFacts) {
    this.#facts = facts;
  }

  /** The answer's head, at `nowMs`. */
  head(head: AnswerHead, nowMs: number): void {
    const { held, attempts } = this.#facts;
    const { hold, worst } = held;
    const verdict = billing(head, { attempts, worst });
    switch (verdict.kind) {
      case 'unreached':
        hold.cancel();
        return;
      case 'failed':
        hold.settle(verdict.charge);
        return;
      case 'held':
        hold.settle(hold.amounts);
        return;
      case 'answered':
        this.#before = verdict.before;
        this.#answered = verdict.answered;
        this.#read(head, nowMs);
    }
  }

  /** A piece of the answer's body; what the client gets in its place, undefined = the same. */
  piece(bytes: Uint8Array, isLast: boolean, nowMs: number): Uint8Array | undefined {
    const replaced = this.#reader?.push(bytes, isLast);
    if (isLast) {
      this.#settle(true, nowMs);
    }
    return replaced;
  }

  /** The exchange is over, and the end of its answer was not seen. */
  lost(nowMs: number): void {
    this.#settle(false, nowMs);
  }

  #read(head: AnswerHead, nowMs: number): void {
    const { operation, echoes, stripUsage } = this.#facts;
    const form = /^text\/event-stream\b/iu.test(head.contentType) ? 'events' : 'json';
    const subject: MeterSubject = { operation, echoes, form };
    this.edits = stripUsage && form === 'events' && !head.endOfStream;
    this.#reader = this.edits ? openEditor(subject) : openPlain(subject);
    if (head.endOfStream) {
      this.#settle(true, nowMs);
    }
  }

  #settle(isWhole: boolean, nowMs: number): void {
    const { hold, worst, onDisconnect } = this.#facts.held;
    if (this.#reader === undefined) {
      // No head was seen: a provider may be at work on it.
      hold.settle(hold.amounts);
      return;
    }
    const metered = this.#reader.read(isWhole);
    const target = worst?.targets[this.#answered];
    if (worst === undefined || target === undefined) {
      // Only requests are limited: tokens and money are for the statement, as far as they are known.
      const { usage, isFinal } = metered;
      hold.settle(usage === undefined || !isFinal ? this.#before : plus(this.#before, this.#costOf(usage, nowMs)));
      return;
    }
    const { inputTokens } = worst;
    const bound = { inputTokens, outputTokens: target.tokens - inputTokens };
    const charge = chargeFor(metered, bound, { isCut: !isWhole, onDisconnect });
    hold.settle(plus(this.#before, charge.rule === 'held' ? target : this.#costOf(charge.usage, nowMs)));
  }

  #costOf(usage: Usage, nowMs: number): Pick<Amounts, 'tokens' | 'nanoUsd'> {
    return { tokens: usage.totalTokens, nanoUsd: isFree(this.#facts.operation) ? 0 : this.#priceOf(usage, nowMs) };
  }

  /** Nano-USD. What has no price costs what was held for it. */
  #priceOf(usage: Usage, nowMs: number): number {
    const { attempts, held, prices, serviceTier, speed, inferenceGeo } = this.#facts;
    const attempt = attempts[this.#answered];
    const price = prices.priceOf(
      {
        provider: attempt?.cluster ?? '',
        model: attempt?.model ?? '',
        servedModel: usage.model,
        serviceTier: usage.serviceTier ?? serviceTier,
        speed: usage.speed ?? speed,
        inferenceGeo: usage.inferenceGeo ?? inferenceGeo,
        atMs: nowMs,
      },
      usage,
    );
    return price.kind === 'unknown' ? (held.worst?.targets[this.#answered]?.nanoUsd ?? 0) : price.nanoUsd;
  }
}

const plus = (sum: Amounts, { tokens, nanoUsd }: Pick<Amounts, 'tokens' | 'nanoUsd'>): Amounts =>
  addAmounts(sum, { requests: 0, tokens, nanoUsd });

function openPlain(subject: MeterSubject): Reader {
  const meter = openMeter(subject);
  return {
    push(piece) {
      meter.push(piece);
      return undefined;
    },
    read: (isWhole) => meter.read(isWhole),
  };
}

function openEditor(subject: MeterSubject): Reader {
  const stream = openStrippedStream(subject);
  return {
    push(piece, isLast) {
      const passed = stream.push(piece);
      return isLast ? Buffer.concat([passed, stream.end()]) : passed;
    },
    read: (isWhole) => stream.read(isWhole),
  };
}
