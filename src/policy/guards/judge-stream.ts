import { deny, next, type Outcome } from '../../core/outcome.ts';
import type { GuardRule } from './tables.ts';

/**
 * After how many characters that no guard has seen yet these guards are asked about a stream; Infinity = once, when it is whole. Of several
 * windows the largest holds for all, and where one guard needs the whole answer it is whole for all.
 */
export const windowOf = (rules: readonly GuardRule[]): number =>
  Math.max(...rules.map(({ stream }) => (typeof stream === 'object' ? stream.window : Infinity)));

/**
 * What the guards of the response make of a request for a stream; `window` is that of `windowOf`, undefined where none of them sees the
 * answer. A guard whose settings say of streams that they are refused refuses the request.
 */
export function judgeStream(rules: readonly GuardRule[]): Outcome<{ readonly window: number | undefined }> {
  const unwilling = rules.find(({ stream }) => stream === 'refuse');
  return unwilling === undefined
    ? next({ window: rules.length === 0 ? undefined : windowOf(rules) })
    : deny('stream_guarded', unwilling.name);
}
