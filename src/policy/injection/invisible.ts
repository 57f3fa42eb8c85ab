/** Characters without a shape that may stand inside words: zero-width spaces, joiners and operators, the byte order mark, the soft hyphen. */
const zeroWidth = String.raw`\u00ad\u180e\u200b-\u200f\u2060-\u2064\u2066-\u206f\u202a-\u202e\ufeff`;

/** Unicode tags: a copy of ASCII that nobody sees and models read. */
const tags = String.raw`\u{e0000}-\u{e007f}`;

const variationSelectors = String.raw`\ufe00-\ufe0f\u{e0100}-\u{e01ef}`;

const invisiblePattern = new RegExp(`[${zeroWidth}${tags}${variationSelectors}]`, 'gu');

/** Legal tags: the flags of England, Scotland and Wales and their like (UTS 51, emoji tag sequences). */
const flagPattern = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,6}\u{e007f}/gu;

const tagPattern = new RegExp(`[${tags}]`, 'u');

/**
 * Texts are hidden in long rows of such characters. One joiner at a time is how emoji are composed and how Persian, Arabic and the scripts of
 * India are written; two or three come with careless copying.
 */
const rowPattern = new RegExp(`[\\u180e\\u200b-\\u200d\\u2060-\\u2064\\ufeff]{5}|[${variationSelectors}]{3}`, 'u');

/** What turns the order of what follows around: the override always, the others where nothing is written from right to left. */
const overridePattern = /\u202e/;
const rightToLeftPattern = /[\u202b\u2067]/;
const rightToLeftLetter = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Shapeless characters inside Latin words. */
const splitWordPattern = /[a-z][\u00ad\u200b-\u200d\u2060-\u2064\ufeff]{1,4}[a-z]/gi;

const beyondAscii = /[\u0080-\uffff]/;

/** True for characters that hide a text or turn it around, and are no part of how any language or emoji is written. */
export function hasHiddenText(text: string): boolean {
  if (!beyondAscii.test(text)) {
    return false;
  }
  return (
    tagPattern.test(text.replaceAll(flagPattern, '')) ||
    rowPattern.test(text) ||
    overridePattern.test(text) ||
    (rightToLeftPattern.test(text) && !rightToLeftLetter.test(text))
  );
}

/** So many split words are no accident of copying, which makes one at a time. */
const splitWordsMin = 3;

export const hasSplitWords = (text: string): boolean =>
  beyondAscii.test(text) && (text.match(splitWordPattern)?.length ?? 0) >= splitWordsMin;

export const withoutInvisible = (text: string): string => text.replaceAll(invisiblePattern, '');
