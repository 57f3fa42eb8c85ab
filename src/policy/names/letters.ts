const beyond = String.raw`[\u{10000}-\u{10ffff}]`;

/**
 * Sources of patterns with the flag `v`: letters and digits of all scripts in use, without the historic ones beyond U+FFFF. Of those a stream
 * may know the first half alone, and must judge as the whole text does.
 */
export const letter = String.raw`[\p{L}--${beyond}]`;
export const smallLetter = String.raw`[\p{Ll}--${beyond}]`;
export const capital = String.raw`[\p{Lu}--${beyond}]`;
export const letterOrDigit = String.raw`[[\p{L}\p{N}]--${beyond}]`;
/** What words of names consist of. */
export const nameLetter = String.raw`[${letter}'’\-]`;
