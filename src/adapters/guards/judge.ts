import type { GuardVerdict } from '../../core/guard.ts';
import type { GuardQuestion } from '../../ports/guard.ts';

/** What a guard says where it says something; that it does not is thrown as `GuardError`. */
export type Word = Exclude<GuardVerdict, { readonly kind: 'fault' }>;

/** One protocol. The texts of the question are well-formed, none is blank, and there is at least one. */
export type Judge = (question: GuardQuestion, signal: AbortSignal) => Promise<Word>;

const higher = (left: number | undefined, right: number | undefined): number | undefined =>
  left === undefined || (right !== undefined && right > left) ? right : left;

/** One part that is flagged flags the whole. */
export function joinWords(words: readonly Word[]): Word {
  const score = words.reduce<number | undefined>((highest, word) => higher(highest, word.score), undefined);
  const flagged = words.filter((word) => word.kind === 'flagged');
  return flagged.length === 0
    ? { kind: 'clear', score }
    : { kind: 'flagged', score, labels: [...new Set(flagged.flatMap((word) => word.labels))] };
}

/** Flagged, unless all that it is flagged for is to be ignored. */
export function flaggedFor(labels: readonly string[], ignored: ReadonlySet<string>, score: number | undefined): Word {
  const counted = labels.filter((label) => !ignored.has(label));
  return labels.length > 0 && counted.length === 0 ? { kind: 'clear', score } : { kind: 'flagged', labels: counted, score };
}

/** Every answer there is: a part that is flagged decides, whatever became of the others. Throws the first failure otherwise. */
export async function joinAnswers(answers: readonly Promise<Word>[]): Promise<Word> {
  const settled = await Promise.allSettled(answers);
  const joined = joinWords(settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
  const failed = settled.find((each) => each.status === 'rejected');
  if (joined.kind === 'clear' && failed !== undefined) {
    throw failed.reason;
  }
  return joined;
}
