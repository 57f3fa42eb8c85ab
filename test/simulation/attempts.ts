import type { Amounts } from '../../src/core/limit.ts';
import type { AttemptEnd } from '../../src/policy/attempt-end.ts';
import { amountsOf, exactly, plus, type Expected } from './charge.ts';
import type { Course } from './exchange.ts';
import { heldOf, passAnswer, worstAt } from './pass-answer.ts';
import { attend, type Attended, type Behaviour } from './provider.ts';

/** Statuses after which the next target is asked, and those of them after which it may have worked. */
const RETRIED: ReadonlySet<number> = new Set([429, 500, 502, 503, 504, 529]);
const WORKED: ReadonlySet<number> = new Set([500, 502, 504]);
/** Statuses of a last answer after which the provider may have worked. */
const UNFINISHED: ReadonlySet<number> = new Set([...WORKED, 408]);

/** `response.code_details`, as Envoy words them. */
const DETAILS = {
  refused: 'upstream_reset_before_response_started{remote_connection_failure|Connection_refused}',
  broken: 'upstream_reset_before_response_started{connection_termination}',
  idle: 'upstream_per_try_idle_timeout',
  provider: 'via_upstream',
} as const;

interface Attempt {
  readonly index: number;
  readonly isLast: boolean;
  readonly cluster: string;
  readonly attended: Attended;
  /** Longest silence of a provider. */
  readonly firstByteMs: number;
  /** How the targets before it ended. */
  readonly ends: readonly AttemptEnd[];
  /** What they are charged, and the request itself. */
  readonly before: Amounts;
}

/** One target after another, as Envoy asks them, until one of them answers or none is left. */
export async function followAttempts(course: Course): Promise<Expected> {
  const { exchange, random, world } = course;
  const { attempts, operation } = exchange.decision;
  const firstByteMs = random.pick([400, 2_000, 20_000]);
  const ends: AttemptEnd[] = [];
  let before = amountsOf(1);
  for (const [index, { cluster }] of attempts.entries()) {
    const attended = attend(random, operation, exchange.request, !world.isHonest);
    const isLast = index === attempts.length - 1;
    const outcome = await perform(course, { index, isLast, cluster, attended, firstByteMs, ends: [...ends], before });
    if (outcome !== undefined) {
      return outcome;
    }
    ends.push(endOf(attended.behaviour));
    before = mayHaveWorked(attended.behaviour) ? plus(before, worstAt(exchange, index)) : before;
  }
  throw new Error('the last target always comes to an end');
}

/** As the filters of its cluster note it. */
function endOf(behaviour: Behaviour): AttemptEnd {
  if (behaviour.kind === 'error') {
    return { kind: 'answered', status: behaviour.status };
  }
  return { kind: behaviour.kind === 'unreachable' ? 'unsent' : 'unanswered' };
}

const mayHaveWorked = (behaviour: Behaviour): boolean =>
  behaviour.kind === 'error' ? WORKED.has(behaviour.status) : behaviour.kind !== 'unreachable';

type Perform = (course: Course, attempt: Attempt) => Promise<Expected | undefined>;

/** Undefined where the next target is asked. */
const perform: Perform = (course, attempt) => {
  const { behaviour } = attempt.attended;
  return behaviour.kind === 'answer' ? answer(course, attempt, behaviour) : PERFORMANCES[behaviour.kind](course, attempt);
};

const left = ({ exchange }: Course): Expected => exactly('the end was not seen', heldOf(exchange));

function tell(course: Course, { index, ends }: Attempt, status: number, details: string, provider?: string): void {
  const { head, piece, random } = course;
  const endOfStream = random.chance(0.5);
  head({ status, provider, attempts: index + 1, ends, details, contentType: 'application/json', endOfStream });
  if (!endOfStream) {
    piece(Buffer.from('{"error":{"message":"no"}}'), true);
  }
}

/** Before anybody takes it for silence. */
const shortly = ({ random, goesOn }: Course, { firstByteMs }: Attempt): Promise<boolean> =>
  goesOn(random.between(0, Math.floor(firstByteMs / 4)));

const work = ({ bill }: Course, { index, attended }: Attempt): void => {
  bill(index, attended.work, attended.isHonest);
};

const unreachable: Perform = async (course, attempt) => {
  if (!(await shortly(course, attempt))) {
    return left(course);
  }
  if (!attempt.isLast) {
    return undefined;
  }
  tell(course, attempt, 503, DETAILS.refused);
  const isReached = attempt.ends.some(({ kind }) => kind !== 'unsent');
  return isReached ? exactly('unreached at last', attempt.before) : exactly('unreached', amountsOf(0));
};

const silence: Perform = async (course, attempt) => {
  const { exchange, random, goesOn } = course;
  work(course, attempt);
  if (!(await goesOn(attempt.firstByteMs + random.between(1, 20)))) {
    return left(course);
  }
  if (!attempt.isLast) {
    return undefined;
  }
  tell(course, attempt, 504, DETAILS.idle);
  return exactly('silent', plus(attempt.before, worstAt(exchange, attempt.index)));
};

const reset: Perform = async (course, attempt) => {
  work(course, attempt);
  if (!(await shortly(course, attempt))) {
    return left(course);
  }
  if (!attempt.isLast) {
    return undefined;
  }
  tell(course, attempt, 503, DETAILS.broken);
  return exactly('reset', plus(attempt.before, worstAt(course.exchange, attempt.index)));
};

async function fail(course: Course, attempt: Attempt, status: number): Promise<Expected | undefined> {
  const { isLast, before, cluster, index } = attempt;
  const isTold = isLast || !RETRIED.has(status);
  const mayBill = (isTold ? UNFINISHED : WORKED).has(status);
  if (mayBill) {
    work(course, attempt);
  }
  if (!(await shortly(course, attempt))) {
    return left(course);
  }
  if (!isTold) {
    return undefined;
  }
  tell(course, attempt, status, DETAILS.provider, cluster);
  const worst = mayBill ? worstAt(course.exchange, index) : amountsOf(0);
  return exactly(`error ${String(status)}`, plus(before, worst));
}

const error: Perform = (course, attempt) => {
  const { behaviour } = attempt.attended;
  return fail(course, attempt, behaviour.kind === 'error' ? behaviour.status : 500);
};

const PERFORMANCES = { unreachable, error, silent: silence, reset } as const satisfies Record<
  Exclude<Behaviour['kind'], 'answer'>,
  Perform
>;

async function answer(course: Course, attempt: Attempt, behaviour: Extract<Behaviour, { kind: 'answer' }>): Promise<Expected> {
  const { index, cluster, ends, before } = attempt;
  work(course, attempt);
  if (!(await shortly(course, attempt))) {
    return left(course);
  }
  const { contentType } = behaviour.answer;
  course.head({ status: 200, provider: cluster, attempts: index + 1, ends, details: DETAILS.provider, contentType, endOfStream: false });
  return passAnswer(course, behaviour, { index, cluster, before });
}
