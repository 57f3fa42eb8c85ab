/** A stretch of characters of one alphabet, `min` to `max` of them. */
export interface Stretch {
  /** As it stands within the brackets of a regular expression. */
  readonly chars: string;
  readonly min: number;
  readonly max: number;
}

/** What a credential is made of: fixed text, or characters drawn at random. */
export type Part = string | Stretch;

type Alphabet = (min: number, max?: number) => Stretch;

const alphabet =
  (chars: string): Alphabet =>
  (min, max = min) => ({ chars, min, max });

export const digit = alphabet('0-9');
export const hex = alphabet('0-9a-f');
/** Hexadecimal digits in either case. */
export const anyHex = alphabet('0-9a-fA-F');
export const letter = alphabet('A-Za-z');
export const lowerAlnum = alphabet('0-9a-z');
export const upperAlnum = alphabet('0-9A-Z');
/** RFC 4648 section 6. */
export const base32 = alphabet('2-7A-Z');
/** Bech32 in capitals, BIP 173. */
export const bech32 = alphabet('02-9AC-HJ-NP-Z');
export const alnum = alphabet('0-9A-Za-z');
/** RFC 4648 section 5. */
export const url = alphabet(String.raw`\w\-`);
/** The same with what else tokens of several parts are joined by. */
export const urlJoined = alphabet(String.raw`\w=.\-`);
export const base64 = alphabet('0-9A-Za-z+/');
export const padding = alphabet('=');
export const anyOf = (chars: string, min: number, max = min): Stretch => ({ chars, min, max });

/** 8-4-4-4-12 hexadecimal digits. */
export const uuid: readonly Part[] = [hex(8), '-', hex(4), '-', hex(4), '-', hex(4), '-', hex(12)];
