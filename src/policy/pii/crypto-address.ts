import { hash } from 'node:crypto';
import type { PatternDetector } from '../detect/detector.ts';
import { keccak256 } from './keccak.ts';
import { lengthsFrom } from '../detect/beginnings.ts';
import { openWord } from './open-ends.ts';
import { isFree, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The bytes of a base58check text, 25 for an address; undefined where it does not fit. */
function decodeBase58(text: string): Buffer | undefined {
  const bytes = Buffer.alloc(25);
  for (const character of text) {
    let carry = base58.indexOf(character);
    for (let at = 24; at >= 0; at -= 1) {
      carry += bytes.readUInt8(at) * 58;
      bytes[at] = carry & 0xff;
      carry >>= 8;
    }
    if (carry !== 0) {
      return undefined;
    }
  }
  return bytes;
}

function isBase58Check(text: string): boolean {
  const bytes = decodeBase58(text);
  if (bytes === undefined) {
    return false;
  }
  const digest = hash('sha256', hash('sha256', bytes.subarray(0, 21), 'buffer'), 'buffer');
  return digest.subarray(0, 4).equals(bytes.subarray(21));
}

const bech32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** One step of the checksum of BIP 173. */
function polymod(check: number, value: number): number {
  let next = ((check & 0x1ffffff) << 5) ^ value;
  generators.forEach((generator, bit) => {
    next ^= ((check >>> (25 + bit)) & 1) === 1 ? generator : 0;
  });
  return next;
}

/** BIP 173, and BIP 350 for the later kinds: the checksum of `bc1…`, all in one case. */
function isBech32(text: string): boolean {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) {
    return false;
  }
  const split = lower.lastIndexOf('1');
  let check = 1;
  for (let at = 0; at < split; at += 1) {
    check = polymod(check, lower.charCodeAt(at) >> 5);
  }
  check = polymod(check, 0);
  for (let at = 0; at < lower.length; at += 1) {
    if (at !== split) {
      check = polymod(check, at < split ? lower.charCodeAt(at) & 31 : bech32.indexOf(lower.charAt(at)));
    }
  }
  return check === 1 || check === 0x2bc830a3;
}

/** Bitcoin addresses: base58check (1…, 3…) and bech32 or bech32m (bc1…, and the test networks). */
export const bitcoinAddress: PatternDetector = {
  kind: 'pattern',
  entity: 'crypto_address',
  pattern: new RegExp(
    String.raw`${valueStart}(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:[bB][cC]|[tT][bB]|[bB][cC][rR][tT])1[02-9AC-HJ-NP-Zac-hj-np-z]{8,87})(?![A-Za-z0-9])`,
    'g',
  ),
  lengthMax: 92,
  leftMax: 2,
  begins: [
    { first: '13', lengths: lengthsFrom(26, 35) },
    { first: 'bBtT', lengths: lengthsFrom(11, 92) },
  ],
  judge(text, start, end) {
    const value = text.slice(start, end);
    return isFree(text, start, end) && (/^[13]/.test(value) ? isBase58Check(value) : isBech32(value));
  },
  open: openWord,
};

const namesAddress = wordBefore(
  'eth|ether|ethereum|erc-?20|wallet|address|addr|usdt|usdc|polygon|matic|bnb|bsc|arbitrum|contract|send|crypto',
);

/** EIP-55: a letter is a capital where the digest of the address in small letters has a digit of 8 or more. */
function isEip55(hex: string): boolean {
  const digest = keccak256(hex.toLowerCase());
  return Array.from(hex).every(
    (each, at) => /\d/.test(each) || (each === each.toUpperCase()) === Number.parseInt(digest.charAt(at), 16) >= 8,
  );
}

function judgeEthereum(text: string, start: number, end: number): boolean {
  const hex = text.slice(start + 2, end);
  if (!isFree(text, start, end) || /^0+$/.test(hex)) {
    return false;
  }
  // In one case there is no checksum.
  return /[a-f]/.test(hex) && /[A-F]/.test(hex) ? isEip55(hex) : namesAddress(text, start);
}

/** Ethereum addresses, and those of chains that took over the form: mixed case by EIP-55, in one case where a word names them. */
export const ethereumAddress: PatternDetector = {
  kind: 'pattern',
  entity: 'crypto_address',
  pattern: new RegExp(String.raw`${valueStart}0[xX][0-9A-Fa-f]{40}(?![A-Za-z0-9])`, 'g'),
  lengthMax: 42,
  leftMax: wordsMax,
  begins: [{ first: '0', lengths: [42] }],
  judge: judgeEthereum,
  open: openWord,
};
