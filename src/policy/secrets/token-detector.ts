import type { PatternDetector } from '../detect/detector.ts';
import { isRandom, symbolsOf } from './entropy.ts';
import { isPlaceholder } from './placeholder.ts';
import { type Form, headFinder, sourcesOf } from './prefix-tree.ts';
import { beginningOf, lengthMaxOf, lengthMinOf, patternOf } from './shape.ts';
import { escapeMax, startsWord } from './surroundings.ts';
import type { TokenRule } from './token-rule.ts';

/** Behind a credential stands anything but a letter or a digit: chats put `.`, `,`, `**`, `_`, `<` and quotes there. */
const behind = '(?![0-9A-Za-z])';

interface Prepared {
  readonly name: string;
  readonly exact: RegExp;
  readonly head: string;
  readonly isWordStart: boolean;
  readonly hasDigit: boolean;
  readonly symbols: number;
  readonly lengthMin: number;
  readonly lengthMax: number;
}

/**
 * Fixed text that ends in no letter or digit is enough where its first word is that long: what stands before does not matter. Shorter ones are
 * the end of other words: `task_test_`, `mexico-`.
 */
const tellingHead = /^(?:[0-9A-Za-z]{4,}|[^0-9A-Za-z]).*[^0-9A-Za-z]$/;

function prepare(rule: TokenRule): Prepared {
  const [first] = rule.parts;
  const head = typeof first === 'string' ? first : '';
  return {
    name: rule.name,
    exact: new RegExp(`^${patternOf(rule.parts)}$`),
    head,
    isWordStart: !tellingHead.test(head),
    hasDigit: rule.hasDigit,
    symbols: symbolsOf(rule.parts),
    lengthMin: lengthMinOf(rule.parts),
    lengthMax: lengthMaxOf(rule.parts),
  };
}

/** So many characters of its fixed text a rule is found by. */
const indexLength = 2;

/** Of another length, or what repeats itself: that is sorted out before all else, as it costs least. */
const mayBe = (rule: Prepared, text: string, start: number, end: number): boolean =>
  end - start >= rule.lengthMin &&
  end - start <= rule.lengthMax &&
  text.startsWith(rule.head, start) &&
  isRandom(text, rule.symbols, start + rule.head.length, end);

const isOne = (rule: Prepared, text: string, start: number, value: string): boolean =>
  rule.exact.test(value) &&
  (!rule.isWordStart || startsWord(text, start)) &&
  (!rule.hasDigit || /\d/.test(value.slice(rule.head.length))) &&
  !isPlaceholder(value);

/** What a text must have to have one of these at all: the longest fixed part of each. */
const keywordsOf = (rules: readonly TokenRule[]): RegExp =>
  new RegExp(
    rules
      .map(({ parts }) =>
        parts.reduce<string>((longest, part) => (typeof part === 'string' && part.length > longest.length ? part : longest), ''),
      )
      .map((word) => patternOf([word]))
      .join('|'),
  );

function detectorOf(
  rules: readonly TokenRule[],
  whole: string,
  beginning: string,
  where: Pick<PatternDetector, 'gate' | 'startsIn'>,
): PatternDetector {
  const prepared = rules.map(prepare);
  const byHead = Map.groupBy(prepared, ({ head }) => head.slice(0, indexLength));
  const ruleOf = (text: string, start: number, end: number): string | undefined => {
    const candidates = byHead.get(text.slice(start, start + indexLength)) ?? prepared;
    return candidates.find((rule) => mayBe(rule, text, start, end) && isOne(rule, text, start, text.slice(start, end)))?.name;
  };
  return {
    kind: 'pattern',
    entity: 'secret',
    pattern: new RegExp(whole, 'g'),
    lengthMax: Math.max(...rules.map(({ parts }) => lengthMaxOf(parts))),
    leftMax: escapeMax,
    ...where,
    judge: (text, start, end) => ruleOf(text, start, end) !== undefined,
    ruleOf,
    open: new RegExp(`(?!$)(?:${beginning})$`),
  };
}

const formOf = ({ parts: [head, ...rest] }: TokenRule): readonly Form[] => (typeof head === 'string' ? [{ head, rest }] : []);

/**
 * Two detectors out of the table: of the forms that begin with fixed text, whose tree of prefixes costs less than any search for
 * keywords would (so it has no gate), and of the few others.
 */
export function tokenDetectors(rules: readonly TokenRule[]): readonly PatternDetector[] {
  const tree = sourcesOf(rules.flatMap(formOf), behind);
  const headed = rules.filter((rule) => formOf(rule).length > 0);
  const headless = rules.filter((rule) => formOf(rule).length === 0);
  const keywords = keywordsOf(headless);
  return [
    detectorOf(headed, tree.whole, tree.beginning, { startsIn: headFinder(headed.flatMap(formOf).map(({ head }) => head)) }),
    detectorOf(
      headless,
      `(?:${headless.map(({ parts }) => patternOf(parts)).join('|')})${behind}`,
      headless.map(({ parts }) => beginningOf(parts)).join('|'),
      { gate: (text) => keywords.test(text) },
    ),
  ];
}
