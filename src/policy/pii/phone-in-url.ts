import type { PatternDetector } from '../detect/detector.ts';
import { isInternational } from './phone-plans.ts';
import { beginsFree, isInWord } from './surroundings.ts';

const escapeBefore = /%[0-9A-Fa-f]{2}$/;

function judge(text: string, start: number, end: number): boolean {
  // Behind a word it is the tag of an address, or a part of something encoded.
  if (isInWord(text, end) || (!beginsFree(text, start) && !escapeBefore.test(text.slice(Math.max(0, start - 3), start)))) {
    return false;
  }
  const value = text.slice(start, end).replaceAll(/%[0-9A-Fa-f]{2}/g, '');
  return isInternational(value, 0);
}

/**
 * Phone numbers with their calling code in URLs and forms, where an escape stands for the plus (RFC 3986 section 2.1): what telephone services
 * send. Spaces are `%20` or a plus there.
 */
export const phoneInUrl: PatternDetector = {
  kind: 'pattern',
  entity: 'phone',
  pattern: /%2B[1-9](?:(?:%2[089]|[+.()-]){0,3}\d){6,14}(?!\d)/gi,
  lengthMax: 144,
  leftMax: 3,
  begins: [{ first: '%', lengths: [] }],
  judge,
  open: /%(?:2(?:b[\d%+.()-]{0,141})?)?$/i,
};
