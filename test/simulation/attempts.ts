import type { Amounts } from '../../src/core/limit.ts';
import { amountsOf, between, exactly, plus, type Before, type Expected } from './charge.ts';
import type { Course } from './exchange.ts';
import { heldOf, passAnswer, worstAt } from './pass-answer.ts';
import { attend, type Attended, type Behaviour } from './provider.ts';

/** Statuses after which the next target is asked. */
const RETRIED: ReadonlySet<number> = new Set([429, 500, 503, 504, 529]);

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
  /** What silent targets before it are charged. */
  readonly before: Before;
}

/** One target after another, as Envoy asks them, until one of them answers or none is left. */
export async function followAttempts(course: Course): Promise<Expected> {
  const { exchange, random, world } = course;
  const { attempts, operation } = exchange.decision;
  const silent: number[] = [];
  for (const [index, { cluster }] of attempts.entries()) {
    const attended = attend(random, operation, exchange.request, !world.isHonest);
    const before = beforeOf(course, index, silent);
    const outcome = await perform(course, { index, isLast: index === attempts.length - 1, cluster, attended, before });
    if (outcome !== undefined) {
      return outcome;
    }
    if (attended.behaviour.kind === 'silent') {
      silent.push(index);
    }
  }
  throw new Error('the last target always comes to an end');
}

/** The sidecar knows how many were silent, but not which: at most it takes the dearest for them. */
function beforeOf({ exchange }: Course, index: number, silent: readonly number[]): Before {
  const worsts = Array.from({ length: index }, (_, each) => worstAt(exchange, each));
  const dearest = worsts.toSorted((left, right) => right.nanoUsd - left.nanoUsd).slice(0, silent.length);
  return { silent: silent.length, least: sumOf(silent.map((each) => worstAt(exchange, each))), most: sumOf(dearest) };
}

const sumOf = (targets: readonly Pick<Amounts, 'tokens' | 'nanoUsd'>[]): Amounts => targets.reduce(plus, amountsOf(1));

type Perform = (course: Course, attempt: Attempt) => Promise<Expected | undefined>;

/** Undefined where the next target is asked. */
const perform: Perform = (course, attempt) => {
  const { behaviour } = attempt.attended;
  return behaviour.kind === 'answer' ? answer(course, attempt, behaviour) : PERFORMANCES[behaviour.kind](course, attempt);
};

const left = ({ exchange }: Course): Expected => exactly('the end was not seen', heldOf(exchange));

function tell(course: Course, { index }: Attempt, status: number, details: string, provider?: string): void {
  const { head, piece, random } = course;
  const endOfStream = random.chance(0.5);
  head({ status, provider, attempts: index + 1, details, contentType: 'application/json', endOfStream });
  if (!endOfStream) {
    piece(Buffer.from('{"error":{"message":"no"}}'), true);
  }
}

/** Shorter than all that could be taken for silence, with those of the other targets. */
const shortly = ({ exchange, random, goesOn }: Course): Promise<boolean> =>
  goesOn(random.between(0, Math.floor(exchange.decision.metering.firstByteMs / 4)));

const work = ({ bill }: Course, { index, attended }: Attempt): void => {
  bill(index, attended.work, attended.isHonest);
};

const unreachable: Perform = async (course, attempt) => {
  if (!(await shortly(course))) {
    return left(course);
  }
  if (!attempt.isLast) {
    return undefined;
  }
  tell(course, attempt, 503, DETAILS.refused);
  const { silent, least, most } = attempt.before;
  return silent > 0 ? between('unreached after silence', least, most) : exactly('unreached', amountsOf(0));
};

const silence: Perform = async (course, attempt) => {
  const { exchange, random, goesOn } = course;
  work(course, attempt);
  if (!(await goesOn(exchange.decision.metering.firstByteMs + random.between(1, 20)))) {
    return left(course);
  }
  if (!attempt.isLast) {
    return undefined;
  }
  tell(course, attempt, 504, DETAILS.idle);
  return exactly('silent', heldOf(exchange));
};

/** Of several targets the next one is asked, and nobody is told that this one may have begun: here it has not. */
const reset: Perform = async (course, attempt) => {
  if (attempt.isLast) {
    work(course, attempt);
  }
  if (!(await shortly(course))) {
    return left(course);
  }
  if (!attempt.isLast) {
    return undefined;
  }
  tell(course, attempt, 503, DETAILS.broken);
  return exactly('reset', heldOf(course.exchange));
};

/** A status that makes Envoy ask the next target is no bill, 504 included. */
async function fail(course: Course, attempt: Attempt, status: number): Promise<Expected | undefined> {
  const { isLast, before, cluster, index } = attempt;
  const isTold = isLast || !RETRIED.has(status);
  const mayBill = isTold && (status === 408 || status === 504);
  if (mayBill) {
    work(course, attempt);
  }
  if (!(await shortly(course))) {
    return left(course);
  }
  if (!isTold) {
    return undefined;
  }
  tell(course, attempt, status, DETAILS.provider, cluster);
  const worst = mayBill ? worstAt(course.exchange, index) : amountsOf(0);
  return between(`error ${String(status)}`, plus(before.least, worst), plus(before.most, worst));
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
  const { index, cluster, before } = attempt;
  work(course, attempt);
  if (!(await shortly(course))) {
    return left(course);
  }
  const { contentType } = behaviour.answer;
  course.head({ status: 200, provider: cluster, attempts: index + 1, details: DETAILS.provider, contentType, endOfStream: false });
  return passAnswer(course, behaviour, { index, cluster, before });
}
