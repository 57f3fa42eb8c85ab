import type { Eventually } from '../core/eventually.ts';
import { andThen, next, type Outcome } from '../core/outcome.ts';
import { judgeAnswers } from '../policy/guards/judge-answers.ts';
import type { GuardRule } from '../policy/guards/tables.ts';
import type { Ports } from './ports.ts';

/** Asks the guards of the response about what a model said, before values come back in it. What they say is for the log. */
export function guardAnswer(
  ports: Ports,
  rules: readonly GuardRule[],
  texts: readonly string[],
  prompt: string | undefined,
): Eventually<Outcome<readonly string[]>> {
  const names = rules.map(({ name }) => name);
  const deadline = AbortSignal.timeout(ports.settings().stageMsMax);
  return ports.guards
    .judge(names, { direction: 'response', texts, prompt }, deadline)
    .then((answers) => andThen(judgeAnswers(rules, answers, 'response'), ({ verdicts }) => next(verdicts)));
}
