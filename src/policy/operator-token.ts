import { randomBase62, type RandomBytes } from './base62.ts';
import { checksum, crcLength } from './virtual-key.ts';

const idLength = 10;
const secretLength = 32;

/** As a virtual key has it, behind a prefix of its own: what opens one door is not even a credential at the other. */
const tokenPattern = /^op_([0-9A-Za-z]{10})[0-9A-Za-z]{32}[0-9A-Za-z]{6}$/;
const tokenLength = 3 + idLength + secretLength + crcLength;
const idPattern = /^[0-9A-Za-z]{10}$/;

export interface ComposedToken {
  readonly id: string;
  /** The whole token: shown once, never stored. `digestKey` digests it for the store. */
  readonly token: string;
}

export const isOperatorId = (text: string): boolean => idPattern.test(text);

/** The id in a token; undefined for everything that we cannot have issued. Nothing of it is proven before its digest was compared. */
export function parseOperatorToken(text: string): string | undefined {
  if (text.length !== tokenLength) {
    return undefined;
  }
  const [, id] = tokenPattern.exec(text) ?? [];
  return id !== undefined && checksum(text.slice(0, -crcLength)) === text.slice(-crcLength) ? id : undefined;
}

/** A new token `op_<10 id><32 secret><6 crc>`; 190 bits of secret, so its digest needs no slow hash. */
export function composeOperatorToken(randomBytes: RandomBytes): ComposedToken {
  const id = randomBase62(idLength, randomBytes);
  const body = `op_${id}${randomBase62(secretLength, randomBytes)}`;
  return { id, token: body + checksum(body) };
}
