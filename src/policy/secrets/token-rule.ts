import type { Part } from './parts.ts';

/** Facts about one kind of credential that tells by itself what it is. Pattern, open form, length and keyword follow from the parts. */
export interface TokenRule {
  /** As logs name it: `github-pat`. */
  readonly name: string;
  readonly parts: readonly Part[];
  /** Stated where words of a language could have the same form: a random value has a digit nearly always. */
  readonly hasDigit: boolean;
}

/** One line per kind: its name, and what it is made of. */
export const token = (name: string, ...parts: readonly Part[]): TokenRule => ({ name, parts, hasDigit: false });

/** The same, of a form that words can have too. */
export const wordlikeToken = (name: string, ...parts: readonly Part[]): TokenRule => ({ name, parts, hasDigit: true });

/** The same facts for several prefixes. */
export const tokens = (name: string, prefixes: readonly string[], ...parts: readonly Part[]): readonly TokenRule[] =>
  prefixes.map((prefix) => token(name, prefix, ...parts));
