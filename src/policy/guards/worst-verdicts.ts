import type { GuardVerdict } from '../../core/guard.ts';
import type { NamedVerdict } from './judge-answers.ts';

/**
 * What is logged of several questions about one answer: one verdict for each guard, in the order of the last question. It is the first fault
 * where there was one, else the clear with the highest score.
 */
export const worstVerdicts = (before: readonly NamedVerdict[], now: readonly NamedVerdict[]): readonly NamedVerdict[] =>
  now.map(({ guard, verdict }) => {
    const earlier = before.find((each) => each.guard === guard)?.verdict;
    return { guard, verdict: earlier === undefined ? verdict : worse(earlier, verdict) };
  });

/** What was flagged has ended the answer, so it is never one of two. */
function worse(earlier: GuardVerdict, later: GuardVerdict): GuardVerdict {
  if (earlier.kind !== 'clear' || later.kind !== 'clear') {
    return earlier.kind === 'clear' ? later : earlier;
  }
  return (later.score ?? 0) > (earlier.score ?? 0) ? later : earlier;
}
