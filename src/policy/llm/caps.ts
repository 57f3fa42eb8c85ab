import type { Member } from '../json/document.ts';
import { readInteger } from '../json/read.ts';
import type { BodyOperation } from './fields.ts';

/** A cap on output tokens as a body states it; `tokens` is undefined where it is null. Offsets as in `Member`, the name's quotes included. */
export interface StatedCap {
  readonly field: CapField;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly start: number;
  readonly end: number;
  readonly tokens: number | undefined;
}

export type CapField = 'max_completion_tokens' | 'max_tokens' | 'max_output_tokens';

/** Each API's names for the cap on output tokens; no two of them are set in a body that was accepted. Empty where nothing is generated. */
export const CAP_FIELDS: Readonly<Record<BodyOperation, readonly CapField[]>> = {
  chat: ['max_completion_tokens', 'max_tokens'],
  completions: ['max_tokens'],
  embeddings: [],
  responses: ['max_output_tokens'],
  messages: ['max_tokens'],
  count_tokens: [],
};

const quote = 0x22;

/** Behind the closing quote of a member's name: its colon follows, with white space at most. */
const keyEndOf = (bytes: Uint8Array, member: Member): number => bytes.lastIndexOf(quote, member.start - 1) + 1;

/** The caps of a body, in order of their place. */
export function readCaps(bytes: Uint8Array, operation: BodyOperation, found: ReadonlyMap<string, Member>): readonly StatedCap[] {
  const caps = CAP_FIELDS[operation].flatMap((field): StatedCap[] => {
    const member = found.get(field);
    if (member === undefined) {
      return [];
    }
    const { keyStart, start, end } = member;
    return [{ field, keyStart, keyEnd: keyEndOf(bytes, member), start, end, tokens: readInteger(bytes, member) }];
  });
  return caps.toSorted((left, right) => left.start - right.start);
}

/** The cap that holds: of two names one is null. */
export const statedTokens = (caps: readonly StatedCap[]): number | undefined => caps.find((cap) => cap.tokens !== undefined)?.tokens;
