import type { z } from 'zod';
import { didYouMean } from './suggest.ts';

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

/** What an operator is told of a value that the schema does not take, where the schema has no words of its own. Never repeats the value. */
export function issueText(issue: RawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    return typeText(issue);
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    return `use ${oneOf(values)}${typeof issue.input === 'string' ? didYouMean(issue.input, values) : ''}`;
  }
  if (issue.code === 'too_small') {
    return `use ${amount(issue.origin, 'at least', Number(issue.minimum))}`;
  }
  return issue.code === 'too_big' ? `use ${amount(issue.origin, 'at most', Number(issue.maximum))}` : undefined;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list ([a, b])',
  object: 'a section with keys',
  record: 'a section with keys',
};

function typeText({ expected, input }: RawIssue & { readonly code: 'invalid_type' }): string {
  const wanted = KINDS[expected] ?? expected;
  return input === undefined ? `this is missing: use ${wanted}` : `use ${wanted}, not ${described(input)}`;
}

function described(input: unknown): string {
  if (input === null) {
    return 'nothing';
  }
  return Array.isArray(input) ? 'a list' : (KINDS[typeof input] ?? typeof input);
}

const oneOf = (values: readonly string[]): string =>
  values.length < 2 ? `"${values.join('')}"` : `one of ${values.map((value) => `"${value}"`).join(', ')}`;

function amount(origin: string, bound: string, count: number): string {
  const [one, many] = COUNTED.get(origin) ?? [];
  return one === undefined ? `a number of ${bound} ${String(count)}` : `${bound} ${String(count)} ${(count === 1 ? one : many) ?? one}`;
}

/** What a bound counts, in singular and plural; that of a number is the number itself. */
const COUNTED: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['string', ['character', 'characters']],
  ['array', ['entry', 'entries']],
]);

/**
 * The problems of the one form that was meant, where a value has several: of a union the form whose kind the value has. Where none has it, or
 * more than one, the union's own words have to do.
 */
export function innermostIssues(issue: Issue): readonly Issue[] {
  if (issue.code === 'invalid_key') {
    return issue.issues.slice(0, 1).map((each) => ({ ...each, path: issue.path }));
  }
  if (issue.code !== 'invalid_union') {
    return [issue];
  }
  const meant = issue.errors.map((form) => form.flatMap(innermostIssues)).filter((form) => !form.some(isOfAnotherKind));
  const [only, ...others] = meant;
  return only === undefined || others.length > 0 ? [issue] : only.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
}

const OTHER_KIND: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);
const isOfAnotherKind = ({ code, path }: Issue): boolean => path.length === 0 && OTHER_KIND.has(code);
