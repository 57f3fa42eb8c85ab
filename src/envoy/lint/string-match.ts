import { at, isOn, isPresent, items, textOf, type Place } from './place.ts';

/** What an `envoy.type.matcher.v3.StringMatcher` says about a text; `unknown` for forms that only Envoy can judge. */
export function matchesText(matcher: Place, text: string): boolean | 'unknown' {
  const fold = isOn(at(matcher, 'ignore_case'));
  const subject = fold ? text.toLowerCase() : text;
  const pattern = (field: string): string | undefined => {
    const found = textOf(at(matcher, field));
    return fold ? found?.toLowerCase() : found;
  };
  const tests: readonly (readonly [string, (found: string) => boolean])[] = [
    ['exact', (found) => subject === found],
    ['prefix', (found) => subject.startsWith(found)],
    ['suffix', (found) => subject.endsWith(found)],
    ['contains', (found) => subject.includes(found)],
  ];
  for (const [field, test] of tests) {
    const found = pattern(field);
    if (found !== undefined) {
      return test(found);
    }
  }
  const expression = textOf(at(matcher, 'safe_regex', 'regex'));
  if (expression !== undefined) {
    return matchesWhole(expression, text);
  }
  return isPresent(matcher) ? 'unknown' : false;
}

/** Envoy matches with RE2 and the whole text; what JavaScript cannot read as the same is left to Envoy. */
function matchesWhole(expression: string, text: string): boolean | 'unknown' {
  const [inline = '', flags = ''] = /^\(\?([is]+)\)/.exec(expression) ?? [];
  try {
    return new RegExp(`^(?:${expression.slice(inline.length)})$`, flags).test(text);
  } catch {
    return 'unknown';
  }
}

/** True where a `ListStringMatcher` certainly matches `text`. */
export const surelyListed = (list: Place, text: string): boolean =>
  items(at(list, 'patterns')).some((each) => matchesText(each, text) === true);

/** True where it may. */
export const maybeListed = (list: Place, text: string): boolean =>
  items(at(list, 'patterns')).some((each) => matchesText(each, text) !== false);
