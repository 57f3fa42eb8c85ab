import { openMemo } from '../../core/memo.ts';
import { oncePer } from '../../core/once-per.ts';
import { deny, next, type Outcome } from '../../core/outcome.ts';
import type { Header } from '../../core/request.ts';
import { detectWhole } from '../detect/detection.ts';
import type { RequestPlan } from './plan.ts';

/** Clients send the same headers again and again, all of them short. */
const valuesMax = 1_024;
/** UTF-16 units. */
const valueMax = 256;

/** What is found first in a value that may not pass; '' = nothing. */
const finderOf = oncePer(({ set, actions }: RequestPlan): ((value: string) => string) => {
  const known = openMemo<string>(valuesMax);
  const find = (value: string): string => detectWhole(value, set).find(({ entity }) => actions.get(entity) !== 'log')?.entity ?? '';
  return (value) => (value.length > valueMax ? find(value) : known.get(value, find));
});

/** Of these headers the names of those in which something is to be hidden: no model reads them, so no provider needs to get them. */
export const withheldHeaders = (plan: RequestPlan | undefined, headers: readonly Header[]): readonly string[] =>
  plan?.hides === true ? headers.filter(({ value }) => finderOf(plan)(value) !== '').map(({ name }) => name) : [];

/** Denied where a query (with its question mark, or '') says what is to be hidden. */
export function judgeQueryText(plan: RequestPlan | undefined, query: string): Outcome<null> {
  const entity = plan?.hides !== true || query === '' ? '' : finderOf(plan)(query);
  return entity === '' ? next(null) : deny('content_blocked', `${entity} in the query`, `Found: ${entity} in the query of the URL.`);
}
