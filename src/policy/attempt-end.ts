import { never } from '../core/assert.ts';

/** How an attempt ended after which the next target was asked, as Envoy saw it. */
export type AttemptEnd =
  /** Its provider answered with this status, an error. */
  | { readonly kind: 'answered'; readonly status: number }
  /** There was no connection: nothing of the request left. */
  | { readonly kind: 'unsent' }
  /** Something of the request may have left, and no answer came. */
  | { readonly kind: 'unanswered' };

/** "Not now": the request was turned away before any work. 529 is Anthropic's. */
const TURNED_AWAY: ReadonlySet<number> = new Set([503, 529]);
/** The provider waited for the request, or for work that it has given up on. */
const requestTimeout = 408;

/** True unless it is certain that the provider of this attempt did no work. */
export function mayBill(end: AttemptEnd): boolean {
  switch (end.kind) {
    case 'answered': {
      const isRefusal = end.status >= 400 && end.status < 500 && end.status !== requestTimeout;
      return !isRefusal && !TURNED_AWAY.has(end.status);
    }
    case 'unsent':
      return false;
    case 'unanswered':
      return true;
    default:
      return never(end);
  }
}
