/**
 * What the detectors share of `open`: in a stream each is asked once per chunk, however many detectors name it. They hold back more than any
 * single detector needs, and end with the first character that none of them contains.
 */

/** A number in groups may be under way. */
export const openNumber = /\d[\d ./\u00a0-]{0,40}$/;

/** A word of letters and digits may be under way. Longer than every detector that names it. */
export const openWord = /[A-Za-z0-9]{1,100}$/;

/** At least `count` digits: nothing else can be a number of that length. */
export function hasDigits(count: number): (text: string) => boolean {
  const pattern = new RegExp(String.raw`\d(?:[^\d]{0,3}\d){${String(count - 1)}}`);
  return (text) => pattern.test(text);
}

/** One digit at all. */
export const hasDigit = (text: string): boolean => /\d/.test(text);
