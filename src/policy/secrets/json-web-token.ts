import type { RunDetector } from '../detect/detector.ts';
import { sourcesOf } from './prefix-tree.ts';
import { url } from './parts.ts';
import { beginningOf, lengthMaxOf, patternOf } from './shape.ts';

/** Tokens with embedded certificates have some thousand characters; more than proxies take as a header is none. UTF-16 units. */
const tokenMax = 16_384;

/** Base64url of `{"` and the names that begin a JOSE header (RFC 7515, 7516, 7519), also with a space or a line break before the name. */
const heads = [
  'eyJhbGci',
  'eyJ0eXAi',
  'eyJraWQi',
  'eyJlbmMi',
  'eyJjdHki',
  'eyJ4NXQ',
  'eyJ4NWMi',
  'eyJ4NXUi',
  'eyJqa3Ui',
  'eyJqd2si',
  'eyJ6aXAi',
  'eyJub25jZSI',
  'eyJjcml0Ij',
  'eyAiYWxnI',
  'eyAidHlwI',
  'ewogICJhbGci',
  'ewogICJ0eXAi',
  'ewogImFsZyI',
];

/** Any other header, where the second part begins as JSON does too. */
const otherMax = 120;
const anyHead = ['eyJ', url(6, otherMax), '.eyJ', url(8)];

const known = heads.map((head) => ({ head, rest: [url(10)] }));
const sources = sourcesOf(known, '');

/**
 * A JSON Web Token, signed or encrypted, from its header on: header and claims are personal data even where the signature is cut off. A full
 * stop directly behind it belongs to it: whether another part follows is not known at that place.
 */
export const jwtDetector: RunDetector = {
  kind: 'run',
  entity: 'secret',
  rule: 'jwt',
  begin: new RegExp(`${sources.whole}|${patternOf(anyHead)}`, 'g'),
  beginMax: lengthMaxOf(anyHead),
  gate: undefined,
  open: new RegExp(`(?!$)(?:${sources.beginning}|${beginningOf(anyHead)})$`),
  end: /(?=[^\w.-])/g,
  endMax: 0,
  lengthMax: tokenMax,
};
