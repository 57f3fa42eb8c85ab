import { crc32 } from 'node:zlib';
import { must } from '../core/assert.ts';
import { openMac } from './mac.ts';
import { encodeBase62, randomBase62, type RandomBytes } from './base62.ts';

const idLength = 10;
const secretLength = 32;
export const crcLength = 6;

/** `vk_`, an environment of 12 characters, `_` and 48 digits. */
const keyLengthMax = 64;

const keyPattern = /^vk_([a-z0-9]{1,12})_([0-9A-Za-z]{10})[0-9A-Za-z]{32}[0-9A-Za-z]{6}$/;
const idPattern = /^[0-9A-Za-z]{10}$/;
const environmentPattern = /^[a-z0-9]{1,12}$/;

/** What a well-formed key says about itself. Nothing of it is proven before its digest was compared. */
export interface ParsedKey {
  readonly environment: string;
  readonly id: string;
}

export interface ComposedKey extends ParsedKey {
  /** The whole key: shown once, never stored. */
  readonly key: string;
}

/** True for what only a virtual key can be: it says which check judges the credential, not that it is valid. */
export const looksLikeVirtualKey = (text: string): boolean => text.startsWith('vk_');

export const isKeyId = (text: string): boolean => idPattern.test(text);

export const isKeyEnvironment = (text: string): boolean => environmentPattern.test(text);

/** Typing errors are found without asking a store. */
export const checksum = (text: string): string => encodeBase62(crc32(text), crcLength);

/** Undefined for everything that we cannot have issued: mistyped, cut and made-up keys cost no question to the store. */
export function parseVirtualKey(text: string): ParsedKey | undefined {
  if (text.length > keyLengthMax) {
    return undefined;
  }
  const [, environment, id] = keyPattern.exec(text) ?? [];
  if (environment === undefined || id === undefined) {
    return undefined;
  }
  const body = text.slice(0, -crcLength);
  return checksum(body) === text.slice(-crcLength) ? { environment, id } : undefined;
}

/** A new key `vk_<env>_<10 id><32 secret><6 crc>`; 190 bits of secret, so its digest needs no slow hash. */
export function composeVirtualKey(environment: string, randomBytes: RandomBytes): ComposedKey {
  must(isKeyEnvironment(environment), 'the environment is 1 to 12 characters of a-z and 0-9');
  const id = randomBase62(idLength, randomBytes);
  const body = `vk_${environment}_${id}${randomBase62(secretLength, randomBytes)}`;
  return { environment, id, key: body + checksum(body) };
}

/** Lower-case hex HMAC-SHA-256 of the whole key: what the store keeps. Without the pepper a stolen table cannot be tested against guesses. */
export const digestKey = (pepper: string, key: string): string => openMac(pepper)(key, 'hex');
