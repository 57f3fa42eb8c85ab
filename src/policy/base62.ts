import { must } from '../core/assert.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Bytes from here on are thrown away: taking them modulo 62 would favour the first eight digits. */
const byteLimit = 62 * 4;

/** Draws before a source of bytes counts as broken; one draw fails to fill with a chance below 1 in 10^6. */
const drawsMax = 64;

/** `count` random bytes. Handed in, so that what is made of them can be tested. */
export type RandomBytes = (count: number) => Uint8Array;

/** `length` base62 digits, each equally likely. Throws `InvariantError` where the source gives no usable bytes. */
export function randomBase62(length: number, randomBytes: RandomBytes): string {
  let digits = '';
  for (let draw = 0; digits.length < length && draw < drawsMax; draw += 1) {
    for (const byte of randomBytes(length)) {
      if (byte < byteLimit && digits.length < length) {
        digits += alphabet.charAt(byte % 62);
      }
    }
  }
  must(digits.length === length, 'the source of random bytes gives usable bytes');
  return digits;
}

/** `value` in base62, filled with leading zeros to `length` digits. */
export function encodeBase62(value: number, length: number): string {
  must(Number.isSafeInteger(value) && value >= 0 && value < 62 ** length, 'the value fits the digits');
  let digits = '';
  let rest = value;
  for (let digit = 0; digit < length; digit += 1) {
    digits = alphabet.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
