/**
 * What detectors share of `open`: in a stream each is asked once per chunk, however many detectors name it. They hold back more than
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
