import type { Random } from '../simulation/random.ts';

export const lower = 'abcdefghijklmnopqrstuvwxyz';
export const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const digits = '0123456789';
export const hex = '0123456789abcdef';
export const base62 = digits + upper + lower;
export const base64url = `${base62}-_`;
export const base64 = `${base62}+/`;

/** `length` characters, each drawn from `alphabet` alone. */
export function draw(random: Random, alphabet: string, length: number): string {
  let text = '';
  while (text.length < length) {
    text += alphabet.charAt(random.between(0, alphabet.length - 1));
  }
  return text;
}

export const uuid = (random: Random): string => [8, 4, 4, 4, 12].map((length) => draw(random, hex, length)).join('-');
