import { deny, next, type Outcome } from '../../core/outcome.ts';
import { splitCompact } from './compact.ts';
import { parseMembers, type Members } from './members.ts';

interface TokenHeader {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  /** `typ` as a bare media subtype in lower case (`at+jwt`); undefined where the token has none. */
  readonly type: string | undefined;
}

/** A token taken apart. Nothing of it is proven before its signature was: until then it only says which issuer's key to try. */
export interface ParsedToken extends TokenHeader {
  readonly issuer: string;
  readonly claims: Members;
}

const algorithmPattern = /^[A-Za-z0-9-]{1,32}$/;
const keyIdPattern = /^.{1,128}$/s;
const issuerCharactersMax = 512;

/**
 * Header members that would let the token choose its own key, its own reading or its own cost (RFC 7515 section 4.1, RFC 7516,
 * RFC 7518 section 4.8, RFC 7797). `crit` is here because no extension is understood; `cty` because tokens are not nested.
 */
const forbiddenHeaderMembers = [
  'crit',
  'jwk',
  'jku',
  'x5u',
  'x5c',
  'b64',
  'zip',
  'cty',
  'enc',
  'epk',
  'apu',
  'apv',
  'iv',
  'tag',
  'p2s',
  'p2c',
] as const;

const typePattern = /^[A-Za-z0-9!#$&^_.+-]{1,64}(?:\/[A-Za-z0-9!#$&^_.+-]{1,64})?$/;

/** RFC 7515 section 4.1.9: media types compare without case, and `application/` may be left out. */
export const bareType = (type: string): string => type.toLowerCase().replace(/^application\//, '');

const invalid = (detail: string): Outcome<never> => deny('credential_invalid', `token: ${detail}`);

/** Reads a token in compact form strictly, before any library sees it. Total: every text gives an outcome. */
export function parseToken(text: string): Outcome<ParsedToken> {
  const parts = splitCompact(text);
  if (parts === undefined) {
    return invalid('not three canonical base64url parts of at most 8 KiB');
  }
  const header = readHeader(parts.header);
  if (header.kind !== 'next') {
    return header;
  }
  const claims = parseMembers(parts.payload);
  if (claims === undefined) {
    return invalid('payload is not an unambiguous JSON object');
  }
  const issuer = claims.get('iss');
  if (typeof issuer !== 'string' || issuer === '' || issuer.length > issuerCharactersMax) {
    return invalid('iss is not a string of 1 to 512 characters');
  }
  return next({ ...header.found, issuer, claims });
}

function readHeader(bytes: Uint8Array): Outcome<TokenHeader> {
  const header = parseMembers(bytes);
  if (header === undefined) {
    return invalid('header is not an unambiguous JSON object');
  }
  const forbidden = forbiddenHeaderMembers.find((name) => header.has(name));
  if (forbidden !== undefined) {
    return invalid(`header member ${forbidden}`);
  }
  const algorithm = header.get('alg');
  if (typeof algorithm !== 'string' || !algorithmPattern.test(algorithm)) {
    return invalid('alg is not an algorithm name');
  }
  const keyId = header.get('kid');
  if (keyId !== undefined && (typeof keyId !== 'string' || !keyIdPattern.test(keyId))) {
    return invalid('kid is not a string of 1 to 128 characters');
  }
  const type = header.get('typ');
  if (type !== undefined && (typeof type !== 'string' || !typePattern.test(type))) {
    return invalid('typ is not a media type');
  }
  return next({ algorithm, keyId, type: type === undefined ? undefined : bareType(type) });
}
