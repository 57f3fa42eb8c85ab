import { contextMax, type PatternDetector } from '../detect/detector.ts';
import { contextBefore } from '../detect/stand-ins.ts';
import { entropyOf } from './entropy.ts';
import { isPlaceholder } from './placeholder.ts';

const valueMin = 8;
const valueMax = 100;

/** The lowest that a password of eight characters is likely to have, bits per character. */
const bitsMin = 2.5;

/** A name for something secret; not the name of what merely belongs to one (`token_type`, `password_field`). */
const secretName =
  /(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|auth|private|encryption|signing|account|master)[-_ ]?key|credential)s?(?![-_]?(?:type|ur[il]|name|ids?\b|count|limit|max|len|endpoint|field|path|file|expir|hash|policy|hint))[\w-]{0,20}/
    .source;

/** Behind a colon any type may stand, as TypeScript has it; without one those that are no words of prose, as in Go. */
const type = String.raw`(?::\s{0,3}[\w<>|]{1,24}\s{1,3}(?==)|str(?:ing)?\s{1,3}(?==))`;
/** Of PHP and of Makefiles, too (`.=`, `?=`, `:::=`), and of prose. */
const operator = String.raw`(?:[:?.+|]{0,3}={1,3}|=>|:|\bis\b)`;

/** Name, perhaps a type, an assignment, perhaps a quote; then the value. Or the name of an element of XML and what stands in it. */
const assignment = new RegExp(
  String.raw`(?:${secretName}["'\]]{0,2}\s{0,3}${type}?${operator}\s{0,3}["'\x60]?|<[\w:.-]{0,24}${secretName}>\s{0,12})$`,
  'i',
);

const names = /pass|pwd|secret|token|key|credential/i;

/** A path through objects, as code reads settings; a name of a value instead of the value; an address. */
const reference = /^[a-z_$][\w$]*(?:\.[a-z_$][\w$]*)+$|(?:token|secret|password|key|credentials?)$|:\/\/|^[/~]|^\$/i;

const otherChar = String.raw`[^\s"'\x60,;<>(){}[\]]`;
/** A letter or digit only at the edge of a word: a long run of them is tried once. */
const firstChar = String.raw`(?:\b\w|[^\w\s"'\x60,;<>(){}[\]=:])`;

/** What stands right before a value. A lookbehind of one character, which every context contains: few starts are tried at all. */
const behindSign = String.raw`(?<=[\s"'\x60=:>])`;

function judge(text: string, start: number, end: number): boolean {
  if (/[([]/.test(text.charAt(end))) {
    return false;
  }
  const value = text.slice(start, end);
  // Words have letters alone and numbers digits alone. Without quotes a value has both; within them, a sign will do for the digit.
  if (!/[a-z]/i.test(value) || !(/["'`]/.test(text.charAt(start - 1)) ? /[^a-z]/i : /\d/).test(value) || entropyOf(value) < bitsMin) {
    return false;
  }
  const before = contextBefore(text, start);
  return names.test(before) && assignment.test(before) && !reference.test(value) && !isPlaceholder(value);
}

/**
 * `password = "…"`, `api_key: …`: whatever is given to a name that says it is secret. A tier of its own, as code and prose have much that
 * looks the same; for hard-coded credentials in generated code it is wanted beside the others.
 */
export const genericDetector: PatternDetector = {
  kind: 'pattern',
  entity: 'secret_generic',
  rule: 'assignment',
  pattern: new RegExp(`${behindSign}${firstChar}${otherChar}{${String(valueMin - 1)},${String(valueMax - 1)}}`, 'g'),
  lengthMax: valueMax,
  leftMax: contextMax,
  near: new RegExp(names.source, 'gi'),
  judge,
  open: new RegExp(`${firstChar}${otherChar}{0,${String(valueMax - 1)}}$`),
};
