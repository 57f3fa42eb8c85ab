import { Buffer } from 'node:buffer';
import type { Caller } from '../../core/caller.ts';
import { shownType } from '../../core/masking.ts';
import type { Secret } from '../../core/secret.ts';
import { openMac, type Mac } from '../mac.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Characters of a placeholder that only the server can know: 60 bits. */
export const codeCharacters = 12;
const bitsPerCharacter = 5;

/** Placeholders are made under a key of their own: what makes keys and seals makes nothing else. */
export const maskingKey = (pepper: Secret): Buffer => Buffer.from(openMac(pepper.reveal())('sallyport masking v1', 'hex'), 'hex');

/** Whose placeholders they are: nobody else gets the same one for the same value. */
export const holderOf = ({ client, user }: Pick<Caller, 'client' | 'user'>): string => JSON.stringify([client, user ?? null]);

/**
 * What stands for a value: `PII_EMAIL_` and twelve characters of an HMAC over holder, entity and value. The same value of the same
 * holder has the same one in every request, so that a conversation reads alike each time it is sent and a provider's cache of prompts holds.
 */
export function openPlaceholders(key: Uint8Array, holder: string): (entity: string, value: string) => string {
  // Most requests have nothing to hide.
  let mac: Mac | undefined;
  return (entity, value) => {
    mac ??= openMac(key);
    return `PII_${shownType(entity)}_${encode(mac(JSON.stringify([holder, entity, value]), 'hex'))}`;
  };
}

function encode(hex: string): string {
  let bits = BigInt(`0x${hex.slice(0, (codeCharacters * bitsPerCharacter) / 4)}`);
  let code = '';
  for (let count = 0; count < codeCharacters; count += 1) {
    code += alphabet[Number(bits & 31n)];
    bits >>= 5n;
  }
  return code;
}

/** What is put where nothing comes back. */
export const redaction = (entity: string): string => `[REDACTED_${shownType(entity)}]`;
