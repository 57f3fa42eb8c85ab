import { deny, next, type Outcome } from '../../core/outcome.ts';
import type { GuardRule } from './tables.ts';

/**
 * What guards of the request make of a text that is there as ids of tokens (`unread` = where): they cannot be asked about it, and a caller
 * must not be able to send its texts past them by its choice of a form.
 */
export const judgeReadable = (rules: readonly GuardRule[], unread: string | undefined): Outcome<null> =>
  rules.length === 0 || unread === undefined
    ? next(null)
    : deny('content_unreadable', `tokens at ${unread}`, `Part: ${unread} (tokens). A guard judges texts: send the text itself.`);
