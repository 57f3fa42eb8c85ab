import { everyElement } from '../json/children.ts';
import type { ValueSpan, ValueType } from '../json/document.ts';
import { readInteger } from '../json/read.ts';

/** What a judged field may be. `expected` completes the sentence "must be ..." for the client. */
export interface Shape {
  readonly expected: string;
  readonly accepts: (bytes: Uint8Array, value: ValueSpan) => boolean;
}

const ofTypes = (expected: string, ...types: readonly ValueType[]): Shape => {
  const accepted: ReadonlySet<ValueType> = new Set(types);
  return { expected, accepts: (_bytes, value) => accepted.has(value.type) };
};

export const aString = ofTypes('a string', 'string');
export const aBoolean = ofTypes('true or false', 'true', 'false');
export const aNumber = ofTypes('a number', 'number');
export const anObject = ofTypes('an object', 'object');
export const anArray = ofTypes('an array', 'array');
export const aStringOrObject = ofTypes('a string or an object', 'string', 'object');
const notTrue = (why: string): Shape => ofTypes(`false or absent: ${why}`, 'false', 'null');
export const notStreamed = notTrue('this operation does not stream');
export const notBackground = notTrue('an answer in the background could not be fetched through this gateway');

/** An integer written as one (`5`, not `5.0` or `5e0`, which parsers read differently). */
export const anInteger = (min: number, max = Number.MAX_SAFE_INTEGER): Shape => ({
  expected: max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${String(min)}` : `an integer from ${String(min)} to ${String(max)}`,
  accepts: (bytes, value) => {
    const integer = readInteger(bytes, value);
    return integer !== undefined && integer >= min && integer <= max;
  },
});

/** Like `shape`, where the API also takes null for "not set". */
export const orNull = (shape: Shape): Shape => ({
  expected: `${shape.expected} or null`,
  accepts: (bytes, value) => value.type === 'null' || shape.accepts(bytes, value),
});

export const arrayOf = (element: ValueType, elementsMin: 0 | 1): Shape => ({
  expected: `${elementsMin === 0 ? 'an array' : 'a non-empty array'} of ${element}s`,
  accepts: (bytes, value) => value.type === 'array' && countElements(bytes, value, [element]) >= elementsMin,
});

/** A text, or a non-empty list of texts, or of token ids, or of lists of token ids: never mixed, so that what is counted is what is billed. */
export const inputs: Shape = {
  expected: 'a string, or a non-empty array of strings, of integers or of arrays of integers',
  accepts: (bytes, value) =>
    value.type === 'string' ||
    (value.type === 'array' && (['string', 'number', 'array'] as const).some((element) => countElements(bytes, value, [element]) > 0)),
};

/** A text, or a list of objects. */
export const textOrItems: Shape = {
  expected: 'a string or an array of objects',
  accepts: (bytes, value) => value.type === 'string' || (value.type === 'array' && countElements(bytes, value, ['object']) >= 0),
};

/** How many elements the array has; -1 where one is of another type than these. */
export function countElements(bytes: Uint8Array, array: ValueSpan, types: readonly ValueType[]): number {
  let count = 0;
  const uniform = everyElement(bytes, array, (element) => {
    count += 1;
    return types.includes(element.type);
  });
  return uniform ? count : -1;
}
