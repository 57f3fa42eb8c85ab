/**
 * Marks in a row that stand in any text: a normal form puts them in order one by one, each past those before it, so that a long row of
 * them would take minutes. Beyond so many Unicode (UAX 15, Stream-Safe Text Format) puts a joiner between, which no mark passes.
 */
const marksMax = 30;

/** Half-width voicing marks of katakana are letters, and become marks. */
const mark = String.raw`[\p{M}\uff9e\uff9f]`;
const tooManyMarks = new RegExp(`${mark}{${String(marksMax)}}(?=${mark})`, 'gu');
const joiner = '\u034f';

/** As `text.normalize(form)`, for text of anybody's: time is linear in its length. Rows of more than 30 marks are divided. */
export const normalForm = (text: string, form: 'NFC' | 'NFKC' | 'NFKD'): string =>
  text.replaceAll(tooManyMarks, (marks) => marks + joiner).normalize(form);
