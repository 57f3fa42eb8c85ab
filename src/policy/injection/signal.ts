/** Whose words a text has. `user` and `assistant` are of the conversation, `tool` and `retrieved` came from elsewhere, `system` is the operator's. */
export type Origin = 'user' | 'tool' | 'retrieved' | 'assistant' | 'system';

/** A way in which attacks are written, and how much one occurrence of it says. */
export interface Family {
  readonly name: string;
  /** Cheap and necessary: without one of these words in the normalised text no pattern matches. */
  readonly gate: RegExp;
  /** Of the normalised text. Every repetition is bounded. The first of them that matches decides. */
  readonly patterns: readonly { readonly weight: number; readonly pattern: RegExp }[];
  /** True for what speaks to the model from where nobody should. */
  readonly onlyFromElsewhere: boolean;
}

/** From here on a text is suspicious. */
export const scoreAlarm = 3;

const betweenWords = String.raw`[\s"',:.-]`;

/** A pattern out of pieces; a space stands for one to three characters between words, line breaks and quotation marks included; ` ?` for none too. */
const words = (...pieces: readonly string[]): RegExp =>
  new RegExp(pieces.join('').replaceAll(/ (\??)/g, (_, mark: string) => `${betweenWords}{${mark === '' ? '1' : '0'},3}`));

/** `a|b|c` in a group. */
export const oneOf = (...choices: readonly string[]): string => `(?:${choices.join('|')})`;

/** What a match of these pieces says. */
export const found = (weight: number, ...pieces: readonly string[]): Family['patterns'][number] => ({ weight, pattern: words(...pieces) });
