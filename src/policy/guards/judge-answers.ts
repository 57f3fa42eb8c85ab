import { CALLER_MADE, type GuardAnswer, type GuardDirection, type GuardFaultCause, type GuardVerdict } from '../../core/guard.ts';
import { deny, fault, next, type Denied, type Faulted, type Outcome } from '../../core/outcome.ts';
import { never } from '../../core/assert.ts';
import { describeLabels } from './safe-labels.ts';
import type { GuardRule } from './tables.ts';

const callerMade: ReadonlySet<GuardFaultCause> = new Set(CALLER_MADE);
const step = 'guard';

/** What a guard said that stands in the way of nothing. */
export interface NamedVerdict {
  readonly guard: string;
  readonly verdict: GuardVerdict;
}

/**
 * The texts may pass where every guard that is required has cleared them, or was away and may be; what they said is for the log then. A guard
 * that flags them decides before one that could not tell; among its like the first in the order of the rules does.
 */
export function judgeAnswers(
  rules: readonly GuardRule[],
  answers: readonly GuardAnswer[],
  direction: GuardDirection,
): Outcome<readonly NamedVerdict[]> {
  const judged = rules.map(({ name, onFault }) => ({ name, onFault, verdict: verdictOf(name, answers) }));
  const against = judged.flatMap(({ name, onFault, verdict }) => judgeVerdict(name, onFault, verdict, direction) ?? []);
  const [first] = [...against.filter(({ kind }) => kind === 'deny'), ...against];
  return first ?? next(judged.map(({ name, verdict }) => ({ guard: name, verdict })));
}

/** A guard that was not asked, or has two opinions, has given no verdict. */
function verdictOf(guard: string, answers: readonly GuardAnswer[]): GuardVerdict {
  const [first, second] = answers.filter((answer) => answer.guard === guard);
  return first === undefined || second !== undefined ? { kind: 'fault', cause: 'internal' } : first.verdict;
}

/** Undefined where it stands in the way of nothing. */
function judgeVerdict(
  name: string,
  onFault: GuardRule['onFault'],
  verdict: GuardVerdict,
  direction: GuardDirection,
): Denied | Faulted | undefined {
  switch (verdict.kind) {
    case 'clear':
      return undefined;
    case 'flagged':
      return deny(
        'guard_flagged',
        `${direction}: ${describeVerdict(name, verdict)}`,
        direction === 'request' ? 'It was in the request.' : 'It was in the answer.',
      );
    case 'fault':
      return onFault === 'allow' && mayBeAllowed(verdict.cause)
        ? undefined
        : direction === 'request' && verdict.cause === 'question_too_large'
          ? deny('body_too_large', describeVerdict(name, verdict), 'A guard of this gateway does not take as much text.')
          : fault(step, 'guard', describeVerdict(name, verdict));
    default:
      return never(verdict);
  }
}

/** A caller must not be able to send its texts past a guard by making them such that the guard cannot judge them. */
const mayBeAllowed = (cause: GuardFaultCause): boolean => cause !== 'internal' && !callerMade.has(cause);

export const describeVerdicts = (verdicts: readonly NamedVerdict[]): readonly string[] =>
  verdicts.map(({ guard, verdict }) => describeVerdict(guard, verdict));

/** `safety flagged S1,S10 (0.97)`: for the log. Nothing in it comes from a text. */
export function describeVerdict(guard: string, verdict: GuardVerdict): string {
  switch (verdict.kind) {
    case 'clear':
      return `${guard} clear${describeScore(verdict.score)}`;
    case 'flagged':
      return `${guard} flagged ${describeLabels(verdict.labels)}${describeScore(verdict.score)}`;
    case 'fault':
      return `${guard} fault ${verdict.cause}`;
    default:
      return never(verdict);
  }
}

const describeScore = (score: number | undefined): string => (score === undefined ? '' : ` (${score.toFixed(2)})`);
