/**
 * What detectors share of `open` and `gate`: in a stream each is asked once per chunk, however many detectors name it. They hold back more than
 * any single detector needs, and end with the first character that none of them contains.
 */

/** A number in groups may be under way. */
export const openNumber = /\d[\d ./:\u00a0-]{0,40}$/;

/** A word of letters and digits may be under way. Longer than every detector that names it. */
export const openWord = /[A-Za-z0-9]{1,100}$/;

/** A number that begins with up to two letters may be under way, in groups of at most four behind the first. */
export const openDocument = /[A-Za-z]{0,2}[ .-]?\d[A-Za-z0-9]{0,33}(?:[ .\u00a0-][A-Za-z0-9]{0,4}){0,9}$|[A-Za-z]{1,2}[ .-]?$/;

/** Hexadecimal groups may be under way. */
export const openHex = /[0-9A-Fa-f:][0-9A-Fa-f:.-]{0,63}$/;

const gates = new Map<number, (text: string) => boolean>();

/** At least `count` digits near each other: nothing else can be a number of that length. */
export function hasDigits(count: number): (text: string) => boolean {
  const known = gates.get(count);
  if (known !== undefined) {
    return known;
  }
  const pattern = new RegExp(String.raw`\d(?:\D{0,3}\d){${String(count - 1)}}`);
  const gate = (text: string): boolean => pattern.test(text);
  gates.set(count, gate);
  return gate;
}
