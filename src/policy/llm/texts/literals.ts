import { Buffer } from 'node:buffer';
import { afterString, afterValue } from '../../json/children.ts';
import { BYTE, afterSpace, byteAt } from '../../json/cursor.ts';
import { unescape } from '../../json/names.ts';
import { isEscaped } from './byte-map.ts';

/** The shortest literal of a number that may be somebody's: no detector has use for fewer digits. */
const numberBytesMin = 4;

/** True for the first byte of a number. */
const isNumber = (first: number): boolean => first === BYTE.minus || (first >= BYTE.zero && first <= BYTE.nine);

export const beginsNumber = (bytes: Buffer, at: number): boolean => isNumber(byteAt(bytes, at));

/** True for a number that may be somebody's. */
export const isTelling = (bytes: Buffer, start: number, end: number): boolean =>
  end - start >= numberBytesMin && beginsNumber(bytes, start);

/** The first child of the container at `at`, or its closing bracket. */
export const firstChild = (bytes: Buffer, at: number): number => afterSpace(bytes, at + 1);

/** The offset of the next child behind the one that ends at `at`, or of the closing bracket. */
export function nextChild(bytes: Buffer, at: number): number {
  const next = afterSpace(bytes, at);
  return byteAt(bytes, next) === BYTE.comma ? afterSpace(bytes, next + 1) : next;
}

/** Where the value begins whose name's literal ends at `nameEnd`. */
export const valueBehind = (bytes: Buffer, nameEnd: number): number => afterSpace(bytes, afterSpace(bytes, nameEnd) + 1);

/** A member's name, and its literal. */
export interface MemberName {
  readonly name: string;
  readonly literal: Buffer;
}

export const memberName = (name: string): MemberName => ({ name, literal: Buffer.from(`"${name}"`) });

export const TYPE_NAME = memberName('type');
export const ROLE_NAME = memberName('role');

function isNamed(bytes: Buffer, start: number, end: number, { name, literal }: MemberName): boolean {
  if (end - start === literal.length) {
    let index = 1;
    while (index < literal.length && bytes[start + index] === literal[index]) {
      index += 1;
    }
    return index === literal.length;
  }
  return end - start > literal.length && isEscaped(bytes, start, end) && unescape(bytes, start + 1, end - 1, true) === name;
}

/** Where the value of the object's member begins; -1 without one, and for what is no object. Reads no further than to it. */
export function findMember(bytes: Buffer, objectStart: number, name: MemberName): number {
  if (byteAt(bytes, objectStart) !== BYTE.openBrace) {
    return -1;
  }
  let at = firstChild(bytes, objectStart);
  while (byteAt(bytes, at) !== BYTE.closeBrace) {
    const end = afterString(bytes, at);
    const value = valueBehind(bytes, end);
    if (isNamed(bytes, at, end, name)) {
      return value;
    }
    at = nextChild(bytes, afterValue(bytes, value));
  }
  return -1;
}

/** Digits of an index. */
const indexBytesMax = 9;

/** The index that a member states; undefined where it states none. */
export function memberIndex(bytes: Buffer, objectStart: number, name: MemberName): number | undefined {
  const start = findMember(bytes, objectStart, name);
  const end = start < 0 ? start : afterValue(bytes, start);
  const digits = start < 0 || end - start > indexBytesMax ? '' : bytes.toString('latin1', start, end);
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}
