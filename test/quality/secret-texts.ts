import type { Random } from '../simulation/random.ts';
import type { Planted } from './quality-row.ts';
import { contextKinds, prefixKinds, runKinds } from './secret-samples.ts';

/** What stands before and behind a credential in chats, logs and code. */
const frames: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['', ''],
  ['My key is ', '.'],
  ['I tried with ', ', but it says 401.'],
  ['(the token is ', ') can you check?'],
  ['Use **', '** for the staging account'],
  ['Please rotate `', '` today'],
  ['<code>', '</code>'],
  ['{"api_key":"', '","timeout":30}'],
  ["const client = new Client({ key: '", "' });"],
  ['export TOKEN=', '\necho done'],
  ['curl -H "X-Api-Key: ', '" localhost'],
  ['| prod | ', ' | rotated |'],
  ['Is ', '? or not'],
  ['key=', '&page=2'],
  ['log: "auth failed for ', '\\n at line 3"'],
  ['- ', '\n- second item'],
  ['token:', ';'],
  ['see _', '_ above'],
];

/** Of an address with a password, the host may stay. */
const secretIn = (value: string): string => /^\w[\w+]*:\/\/[^@/]+(?=@)/.exec(value)?.[0] ?? value;

const planted = (kind: string, before: string, value: string, behind: string): Planted => ({
  kind,
  text: before + value + behind,
  start: before.length,
  end: before.length + secretIn(value).length,
});

const round = <Item>(items: readonly Item[], count: number): readonly Item[] =>
  Array.from({ length: count }, (_, index) => items[index % items.length]).filter((item) => item !== undefined);

/** `count` texts, the kinds in turn. */
export const prefixTexts = (random: Random, count: number): readonly Planted[] =>
  round(prefixKinds, count).map(({ kind, make }) => {
    const [before, behind] = random.pick(frames);
    return planted(kind, before, make(random), behind);
  });

export const runTexts = (random: Random, count: number): readonly Planted[] =>
  round(runKinds, count).map(({ kind, make }) => {
    const [before, behind] = random.pick([
      ['Here it is:\n', '\nThanks!'],
      ['key = """', '""" # do not commit'],
      ['', ' is what I got'],
      ['```\n', '\n```\nWhat is wrong?'],
    ]);
    return planted(kind, before, make(random), behind);
  });

export const contextTexts = (random: Random, count: number): readonly Planted[] =>
  round(contextKinds, count).map(({ kind, words, make }) => {
    const before = random.pick(['', 'Hi, ', 'config:\n']) + random.pick(words);
    // Where a quote was opened, it is closed.
    const quote = before.split('"').length % 2 === 0 ? '"' : '';
    return planted(kind, before, make(random), quote + random.pick(['', '\n', ' and that is all', ', ok?', '.']));
  });
