import { deny, next, type Outcome } from '../../core/outcome.ts';
import type { GuardRule } from './tables.ts';

/**
 * What the guards of the response make of a request for a stream. They judge whole answers: `held` = the stream is held back until it
 * is whole; a guard whose settings do not say so refuses the request.
 */
export function judgeStream(rules: readonly GuardRule[]): Outcome<{ readonly held: boolean }> {
  const unwilling = rules.find(({ stream }) => stream === 'refuse');
  return unwilling === undefined ? next({ held: rules.length > 0 }) : deny('stream_guarded', unwilling.name);
}
