import type { RunDetector } from '../detect/detector.ts';
import { beginningOf, lengthMaxOf } from './shape.ts';
import { anyOf, type Part } from './parts.ts';

/** A key of 16,384 bits in PEM has 13,000 characters, with a level of escapes and indentation some more. UTF-16 units. */
const keyMax = 20_000;

const label = anyOf('A-Z0-9 ', 0, 32);

/** Between the line and the key: line breaks, also as escapes, and what joins literals of source code. */
const between = anyOf(String.raw`\s\\rn"'+,`, 0, 40);

const pemParts: readonly Part[] = ['-----BEGIN ', label, 'PRIVATE KEY-----', between, anyOf(String.raw`A-Za-z0-9+/:, \-`, 16)];
const pgpParts: readonly Part[] = ['-----BEGIN PGP PRIVATE KEY BLOCK-----', anyOf(String.raw`\s\\rn`, 1, 8), anyOf('A-Za-z0-9+/:', 8)];
const puttyParts: readonly Part[] = ['PuTTY-User-Key-File-', anyOf('23', 1), ': ', anyOf('a-z0-9@.\\-', 7)];

/** One for all three, so that a stream asks once. */
const open = new RegExp(`(?!$)(?:${[pemParts, pgpParts, puttyParts].map(beginningOf).join('|')})$`);

const gate = (text: string): boolean => text.includes('-----BEGIN ') || text.includes('PuTTY-User-Key-File-');

const run = (rule: string, parts: readonly Part[], begin: RegExp, end: RegExp, endMax: number): RunDetector => ({
  kind: 'run',
  entity: 'secret',
  rule,
  begin,
  beginMax: lengthMaxOf(parts),
  gate,
  open,
  end,
  endMax,
  lengthMax: keyMax,
});

const endMax = '-----END '.length + 32 + 'PRIVATE KEY-----'.length;

/**
 * RFC 7468 and OpenSSH. The line alone is no key, as code that reads keys has it: text of a key must follow. A key that is cut off ends
 * before the first character that no key has.
 */
export const pemDetector = run(
  'private-key',
  pemParts,
  /-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY-----[\s\\rn"'+,]{0,40}(?:[A-Za-z0-9+/]{16}|Proc-Type: 4,ENC)/g,
  /-----END [A-Z0-9 ]{0,32}PRIVATE KEY-----|(?=[`<>{}()|;#$&*@!?%^~[\]_.])/g,
  endMax,
);

/** RFC 9580 section 6.2: headers with any text may stand before the key. */
export const pgpDetector = run(
  'pgp-private-key',
  pgpParts,
  /-----BEGIN PGP PRIVATE KEY BLOCK-----[\s\\rn]{1,8}[A-Za-z0-9+/:]{8}/g,
  /-----END PGP PRIVATE KEY BLOCK-----/g,
  '-----END PGP PRIVATE KEY BLOCK-----'.length,
);

/** The file format of PuTTY: the last line is a MAC of 40 or 64 digits. */
export const puttyDetector = run(
  'putty-private-key',
  puttyParts,
  /PuTTY-User-Key-File-[23]: [a-z0-9@.-]{7}/g,
  /Private-MAC: [0-9a-f]{40,64}/g,
  'Private-MAC: '.length + 64,
);
