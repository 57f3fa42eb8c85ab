import { contextMax, type PatternDetector } from '../detect/detector.ts';
import { contextBefore } from '../detect/stand-ins.ts';
import { capital, letter, letterOrDigit, nameLetter, smallLetter } from './letters.ts';

/** A word of a name: a capital first. */
const nameWord = `${capital}${nameLetter}{1,24}`;
/** Small words within names, four letters at most. */
const particle = '(?:van|von|de|der|den|da|di|del|la|le|bin|al|el|ter) ';
const name = `(?<!${letterOrDigit})${nameWord}(?: (?:${particle}){0,2}${nameWord}){0,2}(?![_${letterOrDigit}])`;

/** What stands before a name when somebody is introduced, addressed or signs. */
const introduction =
  /(?:(?<![a-z])(?:(?:my|his|her|their) (?:full |first |last )?name is|(?:i am|i'm|this is) called|signed(?: by)?|(?:full|first|last|customer|patient|contact|employee)[ _]?name"?[:=] ?"?|contact person:|dear|mr\.?|mrs\.?|ms\.?|dr\.?|prof\.?|herr|frau|monsieur|madame|señor|señora) |(?:regards|sincerely|cheers|grüße|grüßen),?\s{1,3})$/i;

/** The introductions that end without a space: a label right before its value. */
const label = /(?<![a-z])(?:full|first|last|customer|patient|contact|employee)[ _]?name"?[:=] ?"?$/i;

/** Who is addressed without being named. */
const nobody = new RegExp(
  `^(?:Sir|Madam|Sirs|Customer|Customers|Team|All|Support|Hiring|Colleague|Colleagues|Friend|Friends|Reader|Readers|Everyone|Members?|Students?|Parents|Committee|Editor|Diary|Santa|God|Lord)(?!${letter})`,
  'v',
);

/** A word of each introduction. */
const near = /name|called|signed|contact|dear|mr|ms|dr|prof|herr|frau|monsieur|madame|señor|regards|sincerely|cheers|grüß/gi;

function judge(text: string, start: number, end: number): boolean {
  const before = contextBefore(text, start);
  return (introduction.test(before) || label.test(before)) && !nobody.test(text.slice(start, end));
}

/** Names that the words before them introduce: "my name is Ann Lee", "Dear Ann", "Mr. Lee". All others pass. */
export const introducedName: PatternDetector = {
  kind: 'pattern',
  entity: 'person',
  rule: 'introduced',
  pattern: new RegExp(name, 'gv'),
  // Three words, two spaces, four particles.
  lengthMax: 96,
  leftMax: contextMax,
  near,
  judge,
  open: new RegExp(`${capital}${nameLetter}{0,24}(?: (?:${smallLetter}{0,4} ?){0,2}(?:${capital}${nameLetter}{0,24})?){0,2}$`, 'v'),
};
