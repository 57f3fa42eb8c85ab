import { Buffer } from 'node:buffer';
import type { GuardStream, GuardVerdict } from '../../src/core/guard.ts';
import type { MaskAction } from '../../src/core/masking.ts';
import type { AnswerFindings } from '../../src/pipeline/answer-facts.ts';
import { CheckedStream } from '../../src/pipeline/checked-stream.ts';
import type { BodyOperation } from '../../src/policy/llm/fields.ts';
import { maskingOf } from '../../src/policy/masking/masking.ts';
import type { GuardRule } from '../../src/policy/guards/tables.ts';

export const clear: GuardVerdict = { kind: 'clear', score: 0.1 };

/** A guard of answers by its window, or how else it takes streams. */
export const guardOf = (stream: GuardStream, others: Partial<GuardRule> = {}): GuardRule => ({
  name: 'words',
  on: ['response'],
  onFault: 'deny',
  stream,
  ...others,
});

export interface GuardedAnswer {
  readonly operation: BodyOperation;
  readonly guards: readonly GuardRule[];
  /** By guard and texts of the question; all is clear where nothing is said. */
  readonly judge?: (guard: string, texts: readonly string[]) => GuardVerdict;
  readonly bodyBytesMax?: number;
  /** What may not be in the answer, with what becomes of it. */
  readonly hidden?: Readonly<Record<string, MaskAction>>;
}

export interface Guarded {
  readonly stream: CheckedStream;
  /** The texts of every question so far. */
  readonly asked: readonly (readonly string[])[];
  /** What goes out for a piece, or for the end of the stream. */
  readonly send: (piece: string | Uint8Array) => Promise<string>;
  readonly end: () => Promise<string>;
  readonly findings: () => AnswerFindings;
}

/** A stream whose guards are asked in this process. */
export function guardedStream({ operation, guards, judge = () => clear, bodyBytesMax = 1_048_576, hidden }: GuardedAnswer): Guarded {
  const asked: (readonly string[])[] = [];
  const ports = {
    settings: () => ({ stageMsMax: 60_000, bodyBytesMax }),
    guards: {
      judge: (names: readonly string[], { texts }: { readonly texts: readonly string[] }) => {
        asked.push(texts);
        return Promise.resolve(names.map((guard) => ({ guard, verdict: judge(guard, texts), tookMs: 1 })));
      },
    },
  };
  const masking = maskingOf({
    request: undefined,
    response: { actions: new Map(Object.entries(hidden ?? {})), pass: [], trustedHosts: [] },
  });
  const masked = hidden === undefined ? undefined : { masking, placeholders: new Map(), said: new Set<string>(), counts: new Map() };
  const stream = new CheckedStream(ports, { operation, masked, guards, prompt: undefined }, guards);
  return {
    stream,
    asked,
    send: async (piece) => (await stream.piece(Buffer.from(piece), false)).toString(),
    end: async () => (await stream.piece(Buffer.alloc(0), true)).toString(),
    findings: () => stream.findings,
  };
}
