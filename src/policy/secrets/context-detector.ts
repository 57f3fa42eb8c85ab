import { contextMax, type PatternDetector } from '../detect/detector.ts';
import { contextBefore } from '../detect/stand-ins.ts';
import { contextRules, type ContextRule } from './context-rules.ts';
import { isRandom, symbolsOf } from './entropy.ts';
import { isPlaceholder } from './placeholder.ts';
import { lengthMaxOf, lengthMinOf, patternOf } from './shape.ts';

/** Every character that a value may have, and with padding behind it the whole of it: a value is judged only in full. */
const valueChars = String.raw`\w+/~\-`;
const anyValueChar = new RegExp(`[${valueChars}]`);

/** Where a value can begin: the edge of a word spares a long run of letters from being tried at each of them. */
const firstChar = String.raw`(?:\b\w|\B[+/])`;

const paddingMax = 2;
const valueMax = Math.max(...contextRules.map(({ parts }) => lengthMaxOf(parts)));
const valueMin = 16;

/**
 * A word for something secret, and hardly more than a sign or a quote between it and the value; `.=` and `?=` assign in PHP and in Makefiles.
 * `basic` is what RFC 7617 calls its scheme.
 */
const link =
  /(?:key|token|secret|passw(?:or)?d|pwd|credential|auth(?!or)|private_key_id|hec|\bpat|basic|authorization["']{0,2}\s?:)(?:[^.!?;]|[.?]=){0,20}$/;

/** The same words, in any letter case as `toLowerCase` has it: the sign of Kelvin is a `k`, too. They are fewer than those of the rules. */
const linkNear = /[k\u212a]ey|to[k\u212a]en|secret|passwo?r?d|pwd|credential|auth|hec|pat|basic/gi;

const allHex = /^[0-9a-f-]+$/;

interface Prepared {
  readonly name: string;
  readonly near: readonly string[];
  readonly exact: RegExp;
  readonly isHex: boolean;
  readonly symbols: number;
  readonly lengthMin: number;
  /** With its padding. */
  readonly lengthMax: number;
}

const prepare = ({ name, near, parts }: ContextRule): Prepared => ({
  name,
  near,
  exact: new RegExp(`^${patternOf(parts)}={0,${String(paddingMax)}}$`),
  isHex: parts.every((part) => typeof part === 'string' || part.chars === '0-9a-f' || part.chars === '0-9'),
  symbols: symbolsOf(parts),
  lengthMin: lengthMinOf(parts),
  lengthMax: lengthMaxOf(parts) + paddingMax,
});

const prepared = contextRules.map(prepare);

/** By the length of a value with its padding. */
const preparedByLength = Array.from({ length: valueMax + paddingMax + 1 }, (_, length) =>
  prepared.filter(({ lengthMin, lengthMax }) => length >= lengthMin && length <= lengthMax),
);

/** A digest in place of a key of letters and digits: a key of more characters than hexadecimal ones has others too, nearly always. */
const isDigest = (rule: Prepared, value: string): boolean => !rule.isHex && allHex.test(value);

function ruleOf(text: string, start: number, end: number): string | undefined {
  // The pattern asks for the edge of a word; a path or a longer value has other characters there.
  if (anyValueChar.test(text.charAt(start - 1)) || anyValueChar.test(text.charAt(end))) {
    return undefined;
  }
  const value = text.slice(start, end);
  const before = contextBefore(text, start).toLowerCase();
  if (!link.test(before) || !/\d/.test(value) || isPlaceholder(value)) {
    return undefined;
  }
  return preparedByLength[value.length]?.find(
    (rule) =>
      rule.near.some((word) => before.includes(word)) && rule.exact.test(value) && !isDigest(rule, value) && isRandom(value, rule.symbols),
  )?.name;
}

/** Values that the words before them make a credential. What is found is the value alone, so that the words stay. */
export const contextDetector: PatternDetector = {
  kind: 'pattern',
  entity: 'secret',
  pattern: new RegExp(
    String.raw`${firstChar}[${valueChars}]{${String(valueMin - 1)},${String(valueMax - 1)}}={0,${String(paddingMax)}}`,
    'g',
  ),
  lengthMax: valueMax + paddingMax,
  leftMax: contextMax,
  near: linkNear,
  judge: (text, start, end) => ruleOf(text, start, end) !== undefined,
  ruleOf,
  open: new RegExp(String.raw`${firstChar}[${valueChars}]{0,${String(valueMax - 1)}}={0,${String(paddingMax)}}$`),
};
