import { at, fields, isPresent, textOf, typeOf, type Place } from './place.ts';
import { TYPE } from './types.ts';

/** The cases in which a matcher skips its filter, where it is a plain table of them; undefined for any other form. */
function casesOf(matcher: Place): readonly string[] | undefined {
  const cases = fields(at(matcher, 'matcher_tree', 'exact_match_map', 'map')).map(([key]) => key);
  const isPlain = !isPresent(at(matcher, 'on_no_match')) && !isPresent(at(matcher, 'matcher_list'));
  return isPlain && cases.length > 0 ? cases : undefined;
}

const inputOf = (matcher: Place): Place => at(matcher, 'matcher_tree', 'input', 'typed_config');

/** True where a filter runs at every attempt but the first one. */
export function skipsFirstAttemptOnly(matcher: Place): boolean {
  const input = inputOf(matcher);
  const cases = casesOf(matcher);
  return (
    typeOf(input) === TYPE.attemptCountInput &&
    textOf(at(input, 'header_name')) === 'x-envoy-attempt-count' &&
    cases?.length === 1 &&
    cases[0] === '1'
  );
}

/** True where a filter runs at every answer that is an error. */
export const skipsSuccessOnly = (matcher: Place): boolean =>
  typeOf(inputOf(matcher)) === TYPE.statusClassInput && casesOf(matcher)?.every((each) => ['1xx', '2xx', '3xx'].includes(each)) === true;
