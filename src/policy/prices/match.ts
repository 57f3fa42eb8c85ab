import type { MatchLogic } from '@pydantic/genai-prices';

/** Whether the price list means this model. Case does not count; `name` is in lower case. */
export function matchesListed(logic: MatchLogic, name: string): boolean {
  if ('or' in logic) {
    return logic.or.some((each) => matchesListed(each, name));
  }
  if ('and' in logic) {
    return logic.and.every((each) => matchesListed(each, name));
  }
  if ('equals' in logic) {
    return name === logic.equals.toLowerCase();
  }
  if ('ends_with' in logic) {
    return name.endsWith(logic.ends_with.toLowerCase());
  }
  if ('regex' in logic) {
    return new RegExp(logic.regex).test(name);
  }
  return 'starts_with' in logic
    ? name.startsWith(logic.starts_with.toLowerCase()) && !isLaterVersion(name.slice(logic.starts_with.length))
    : includesListed(logic.contains.toLowerCase(), name);
}

function includesListed(part: string, name: string): boolean {
  const at = name.indexOf(part);
  return at >= 0 && !isLaterVersion(name.slice(at + part.length));
}

/**
 * What follows a name is the number of another version, as in `claude-sonnet-5-5` after `claude-sonnet-5`. The list knows newer
 * models late; until then such a name is no model of the list, rather than one at the price of its predecessor. A date goes on.
 */
const isLaterVersion = (rest: string): boolean => /^[-.](?!\d\d-\d\d(?!\d))\d{1,2}(?![\da-z])/.test(rest);

/** `-20250807` as `-2025-08-07`, the form in which the list has most dates. */
export const withDashedDate = (name: string): string =>
  name.replaceAll(/-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, '-$1-$2-$3');
