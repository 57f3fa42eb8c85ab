/**
 * Values are written with other signs, too: word processors and models put the hyphen and the space that do not break (U+2011, U+00A0, U+202F)
 * into numbers, Japanese and Chinese text has full-width digits, Hindi its own. For what a text says they are those of ASCII.
 */

/** Unicode's spaces (Zs), but for those that mark words of Ogham and Mongolian. */
const spaces = [0x00a0, ...codesFrom(0x2000, 11), 0x202f, 0x205f, 0x3000];

/**
 * Hyphen, the one that does not break, figure dash, en dash, minus, small hyphen. No em dash: that stands between the parts of a sentence,
 * often without spaces.
 */
const hyphens = [...codesFrom(0x2010, 4), 0x2212, 0xfe63];

/** The zeros of the decimal digits (Nd) of one UTF-16 unit each; the other nine follow. */
const zeros = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040,
  0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50,
  0xabf0,
];

function codesFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** By UTF-16 unit, the ASCII code that it stands for; 0 for all that stand for themselves. */
const plainCodes = new Uint8Array(0x10000);
const standFor = (codes: readonly number[], plainOf: (index: number) => number): void => {
  for (const [index, code] of codes.entries()) {
    plainCodes[code] = plainOf(index);
  }
};
standFor(spaces, () => 0x20);
standFor(hyphens, () => 0x2d);
// The full-width forms, in the order of ASCII.
standFor(codesFrom(0xff01, 0x5e), (index) => 0x21 + index);
for (const zero of zeros) {
  standFor(codesFrom(zero, 10), (index) => 0x30 + index);
}

/** A text as detectors see it. */
export interface Reading {
  /** As it stands: for what operators write themselves, names and patterns. */
  readonly written: string;
  /** With ASCII's own signs: for all other detectors. A place is the same in both. */
  readonly plain: string;
}

export const readSigns = (text: string): Reading => ({ written: text, plain: plainSigns(text) });

const beyondAscii = /[\u0080-\uffff]/;

/** Units that are put together at once: more are too many arguments. */
const unitsAtOnce = 4096;

/** The text with ASCII's own signs, each in its place: it is as long, and `text` itself where there are no others. */
function plainSigns(text: string): string {
  const first = firstOther(text);
  if (first === undefined) {
    return text;
  }
  let plain = text.slice(0, first);
  for (let from = first; from < text.length; from += unitsAtOnce) {
    plain += plainPart(text, from, Math.min(unitsAtOnce, text.length - from));
  }
  return plain;
}

function plainPart(text: string, from: number, length: number): string {
  const units: number[] = [];
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(from + index);
    const plain = plainCodes[unit] ?? 0;
    units.push(plain === 0 ? unit : plain);
  }
  return String.fromCharCode(...units);
}

function firstOther(text: string): number | undefined {
  const from = text.search(beyondAscii);
  for (let at = from < 0 ? text.length : from; at < text.length; at += 1) {
    if (plainCodes[text.charCodeAt(at)] !== 0) {
      return at;
    }
  }
  return undefined;
}
