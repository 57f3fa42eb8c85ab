import { ATTEMPT_FACTS } from '../core/headers.ts';
import type { AttemptEnd } from '../policy/attempt-end.ts';
import type { StructMessage } from './messages.ts';
import { stringAt } from './struct.ts';

/** The attempts that a request needed. */
export interface Attempts {
  /** How many there were; 0 where it was never sent. */
  readonly count: number;
  /** The answer is that of a provider, the last one's. */
  readonly isAnswered: boolean;
  /** What the filters of providers' clusters have noted of them; undefined where they had nothing to note. */
  readonly noted: StructMessage | undefined;
}

/** How each attempt before the last one ended, in their order. What was not noted is never taken for certain. */
export const decodeAttempts = (attempts: Attempts): readonly AttemptEnd[] =>
  Array.from({ length: Math.max(0, attempts.count - 1) }, (_, index) => endOf(index + 1, attempts));

function endOf(number: number, { count, isAnswered, noted }: Attempts): AttemptEnd {
  // A note without the one of the next attempt could be that attempt's own, by a cluster whose filters do not tell them apart.
  const isOwn = sentBefore(noted, number + 1) !== undefined || (number + 1 === count && !isAnswered);
  const status = isOwn ? figureAt(noted, `${ATTEMPT_FACTS.status}${String(number)}`) : undefined;
  if (status !== undefined) {
    return { kind: 'answered', status };
  }
  const after = sentAfter(noted, number, count);
  return after !== undefined && after === sentUntil(noted, number) ? { kind: 'unsent' } : { kind: 'unanswered' };
}

/** Bytes that are known to have left before this attempt; one whose connection failed at once may have noted nothing. */
function sentUntil(noted: StructMessage | undefined, number: number): number {
  for (let each = number; each > 1; each -= 1) {
    const sent = sentBefore(noted, each);
    if (sent !== undefined) {
      return sent;
    }
  }
  return 0;
}

/** Bytes that had left when a later attempt noted them; undefined where none did. */
function sentAfter(noted: StructMessage | undefined, number: number, count: number): number | undefined {
  for (let each = number + 1; each <= count; each += 1) {
    const sent = sentBefore(noted, each);
    if (sent !== undefined) {
      return sent;
    }
  }
  return undefined;
}

const sentBefore = (noted: StructMessage | undefined, number: number): number | undefined =>
  figureAt(noted, `${ATTEMPT_FACTS.sentBefore}${String(number)}`);

/** A whole number in digits; undefined for everything else. */
function figureAt(noted: StructMessage | undefined, name: string): number | undefined {
  const text = stringAt(noted, name) ?? '';
  return /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}
