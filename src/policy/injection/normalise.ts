import { normalForm } from '../normal-form.ts';
import { withoutInvisible } from './invisible.ts';

/** Letters of other scripts that look like Latin ones, small, as they are after `toLowerCase` (Unicode TS 39, the usual ones). */
const lookAlikes: ReadonlyMap<string, string> = new Map(
  [
    // Cyrillic.
    'аa вb сc ԁd еe ёe һh іi їi јj кk ӏl мm нh оo рp ԛq ѕs тt уy ѵv ԝw хx гr пn',
    // Greek.
    'αa βb εe ηn ιi κk νv οo ρp τt υu χx ωw γy',
    // Armenian, letters of phonetic alphabets and small capitals.
    'օo սu հh ոn ıi ɡg ɑa ʀr ɴn ɪi ᴏo ᴇe ᴛt ꜱs',
    // Quotation marks and dashes.
    `’' ‘' “" ”" –- —-`,
  ].flatMap((pairs) => pairs.split(' ').map((pair) => [pair.charAt(0), pair.slice(1)] as const)),
);

const lookAlikePattern = new RegExp(`[${[...lookAlikes.keys()].join('')}]`, 'gu');

const beyondAscii = /[\u0080-\uffff]/;

/** Accents behind a letter, after decomposition. */
const accents = /[\u0300-\u036f]/g;

/**
 * A copy to look for signals in, never to send: without invisible characters, in compatibility form (full width, mathematical letters), look-alikes
 * and accents folded, small, each stretch of white space one space or one line break, signs of emphasis dropped, `_` a space.
 */
export function normalise(text: string): string {
  const plain = beyondAscii.test(text)
    ? normalForm(withoutInvisible(text), 'NFKD')
        .replaceAll(accents, '')
        .toLowerCase()
        .replaceAll(lookAlikePattern, (character) => lookAlikes.get(character) ?? character)
    : text.toLowerCase();
  return plain
    .replaceAll(/[*`~]{1,3}/g, '')
    .replaceAll('_', ' ')
    .replaceAll(/\s{2,}|[\t\r\n]/g, (space) => (space.includes('\n') ? '\n' : ' '));
}

/** A word that mixes Latin letters with look-alikes: no language does. */
const mixedPattern = /[a-z][αβεηικνορτυχа-яёіїјѕһԁԛԝ]{1,3}[a-z]/gu;

/** So many mixed words are no slip of the keyboard. */
const mixedWordsMin = 2;

export const hasMixedWords = (text: string): boolean =>
  beyondAscii.test(text) && (text.toLowerCase().match(mixedPattern)?.length ?? 0) >= mixedWordsMin;
