import type { Buffer } from 'node:buffer';
import { BYTE, byteAt } from '../../json/cursor.ts';
import { byteMap } from './byte-map.ts';

/** What a string is where only a word of the API or an id is expected. */
export type Verdict = 'plain' | 'text' | 'unknown';

/** Judges the literal whose quotes are at `start` and before `end`. */
export type JudgeLiteral = (bytes: Buffer, start: number, end: number) => Verdict;

const plainBytesMax = 256;

/** A number that stands alone may be somebody's; digits among letters are those of a hash. */
const loneNumber = /(?<![0-9A-Za-z])\d{9,}(?![0-9A-Za-z])/;
const loneDigitsMin = 9;

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';

/** What a literal may be made of, by its bytes. */
function alphabet(characters: string): Uint8Array {
  const allowed = new Uint8Array(256);
  for (const character of characters) {
    allowed[character.charCodeAt(0)] = 1;
  }
  return allowed;
}

function consistsOf(allowed: Uint8Array, bytes: Buffer, start: number, end: number): boolean {
  for (let at = start + 1; at < end - 1; at += 1) {
    if (allowed[byteAt(bytes, at)] === 0) {
      return false;
    }
  }
  return true;
}

function countDigits(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) {
    count += byteAt(bytes, at) >= BYTE.zero && byteAt(bytes, at) <= BYTE.nine ? 1 : 0;
  }
  return count;
}

/** Judges by what the literal is made of. An escape is none of it: no API escapes its own words. */
const judgeBy =
  (allowed: Uint8Array): JudgeLiteral =>
  (bytes, start, end) => {
    if (end - start > plainBytesMax || !consistsOf(allowed, bytes, start, end)) {
      return 'unknown';
    }
    return countDigits(bytes, start, end) >= loneDigitsMin && loneNumber.test(bytes.toString('latin1', start, end)) ? 'text' : 'plain';
  };

/** An id, or a word: no spaces, no at sign. */
export const judgeId = judgeBy(alphabet(`${letters}${digits}_.:|/+=~-`));

const valueBytesMin = 7;
const valueDigitsMin = 4;
const tokenBytesMin = 16;

/** True for an id in which somebody's number or a key may stand: all but short ones and words. */
export function mayBeValue(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start - 2;
  return length >= tokenBytesMin || (length >= valueBytesMin && countDigits(bytes, start, end) >= valueDigitsMin);
}

export const judgeModel = judgeBy(alphabet(`${letters}${digits}_.:|/+=~-@ `));

/** One of these words. */
export function judgeWords(known: readonly string[]): JudgeLiteral {
  const words = byteMap<Verdict>(known.map((word) => [word, 'plain']));
  return (bytes, start, end) => words.at(bytes, start, end) ?? 'unknown';
}

const base64 = alphabet(`${letters}${digits}+/=`);
const sealed = alphabet(`${letters}${digits}+/=_.:-`);
const sealedBytesMin = 64;

/** True for what may well be sealed: long, and without a word that anybody could read. */
export const looksSealed = (bytes: Buffer, start: number, end: number): boolean =>
  end - start >= sealedBytesMin && consistsOf(sealed, bytes, start, end);

/** Numbers packed as base64, however many. */
export const judgeBase64: JudgeLiteral = (bytes, start, end) => (consistsOf(base64, bytes, start, end) ? 'plain' : 'unknown');
