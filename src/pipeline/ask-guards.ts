import type { Eventually } from '../core/eventually.ts';
import { andThen, next, type Outcome } from '../core/outcome.ts';
import { judgeAnswers } from '../policy/guards/judge-answers.ts';
import type { GuardRule } from '../policy/guards/tables.ts';
import type { GuardQuestion } from '../ports/guard.ts';
import type { Ports } from './ports.ts';

/** Asks these guards; refused where one is against it. What they say is for the log. Nobody is asked where there is none. */
export function askGuards(ports: Ports, rules: readonly GuardRule[], question: GuardQuestion): Eventually<Outcome<readonly string[]>> {
  if (rules.length === 0) {
    return next([]);
  }
  const names = rules.map(({ name }) => name);
  const deadline = AbortSignal.timeout(ports.settings().stageMsMax);
  return ports.guards
    .judge(names, question, deadline)
    .then((answers) => andThen(judgeAnswers(rules, answers, question.direction), ({ verdicts }) => next(verdicts)));
}
