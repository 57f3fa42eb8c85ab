import type { Eventually } from '../core/eventually.ts';
import { andThen, next, type Outcome } from '../core/outcome.ts';
import type { Access } from '../policy/access.ts';
import { injectionFor } from '../policy/injection/rule-for.ts';
import { describeVerdicts } from '../policy/guards/judge-answers.ts';
import { judgeReadable } from '../policy/guards/judge-readable.ts';
import { judgeStream } from '../policy/guards/judge-stream.ts';
import { guardsFor, type GuardRule } from '../policy/guards/tables.ts';
import type { JudgedBody } from '../policy/llm/body.ts';
import { askGuards } from './ask-guards.ts';
import type { Ports } from './ports.ts';

/** What was found out about what a request says. */
export interface Inspection {
  /** Of guards and of the signals of injection, for the log. */
  readonly verdicts: readonly string[];
  /** The guards that judge the answer. */
  readonly answerGuards: readonly GuardRule[];
  /** What the answer is an answer to; undefined where no guard asks. */
  readonly prompt: string | undefined;
}

export interface InspectionFacts {
  readonly access: Access;
  readonly bytes: Buffer;
  readonly body: JudgedBody;
}

/** Asks the guards and the signals of injection about the words of a request, as the client sent them. */
export function inspectRequest(ports: Ports, { access, bytes, body }: InspectionFacts): Eventually<Outcome<Inspection>> {
  const settings = ports.settings();
  const policies = access.flatMap(({ policy }) => policy ?? []);
  const [requestGuards, answerGuards] = [guardsFor(settings.guards, policies, 'request'), guardsFor(settings.guards, policies, 'response')];
  const injection = injectionFor(settings.injection, access);
  const streamed = body.stream ? judgeStream(answerGuards) : next(null);
  if (streamed.kind !== 'next') {
    return streamed;
  }
  if (requestGuards.length === 0 && answerGuards.length === 0 && injection === undefined) {
    return next({ verdicts: [], answerGuards, prompt: undefined });
  }
  return andThen(ports.inspectRequest({ operation: body.operation, bytes, injection }), (inspected) =>
    andThen(judgeReadable(requestGuards, inspected.unread), () =>
      andThen(askGuards(ports, requestGuards, { direction: 'request', texts: inspected.texts, prompt: undefined }), (verdicts) =>
        next({
          verdicts: [...inspected.verdicts, ...describeVerdicts(verdicts)],
          answerGuards,
          prompt: answerGuards.length === 0 ? undefined : inspected.prompt,
        }),
      ),
    ),
  );
}
