import type { Eventually } from '../core/eventually.ts';
import { next, type Outcome } from '../core/outcome.ts';
import { judgeAnswers, type NamedVerdict } from '../policy/guards/judge-answers.ts';
import type { GuardRule } from '../policy/guards/tables.ts';
import type { GuardQuestion, Guards } from '../ports/guard.ts';

/** What of the ports is for guards. */
export interface GuardPorts {
  readonly guards: Pick<Guards, 'judge'>;
  readonly settings: () => {
    /** Of one stage, in milliseconds: a question lasts as long at most. */
    readonly stageMsMax: number;
    /** Of what is held in memory for one exchange. */
    readonly bodyBytesMax: number;
  };
}

/** Asks these guards; refused where one is against it. What they say is for the log. Nobody is asked where there is none. */
export function askGuards(
  ports: GuardPorts,
  rules: readonly GuardRule[],
  question: GuardQuestion,
): Eventually<Outcome<readonly NamedVerdict[]>> {
  if (rules.length === 0) {
    return next([]);
  }
  const names = rules.map(({ name }) => name);
  const deadline = AbortSignal.timeout(ports.settings().stageMsMax);
  return ports.guards.judge(names, question, deadline).then((answers) => judgeAnswers(rules, answers, question.direction));
}
