import { deny, next, type Outcome } from '../../core/outcome.ts';
import { splitCompact } from './compact.ts';
import { parseMembers, type Members } from './members.ts';

/** A token taken apart. Nothing of it is proven before its signature was: until then it only says which issuer's key to try. */
export interface ParsedToken {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  /** `typ` as a bare media subtype in lower case (`at+jwt`); undefined where the token has none. */
  readonly type: string | undefined;
  readonly issuer: string;
  readonly claims: Members;
}

const algorithmPattern = /^[A-Za-z0-9-]{1,32}$/;
const keyIdCharactersMax = 128;
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

const invalid = (detail: string): Outcome<never> => deny('credential_invalid', detail);

/** Reads a token in compact form strictly, before any library sees it. Total: every text gives an outcome. */
export function parseToken(text: string): Outcome<ParsedToken> {
  const parts = splitCompact(text);
  if (parts === undefined) {
    return invalid('token: not three canonical base64url parts of at most 8 KiB');
  }
  const header = parseMembers(parts.header);
  if (header === undefined) {
    return invalid('token: header is not an unambiguous JSON object');
  }
  const refusal = headerRefusal(header);
  if (refusal !== undefined) {
    return invalid(`token: ${refusal}`);
  }
  const claims = parseMembers(parts.payload);
  if (claims === undefined) {
    return invalid('token: payload is not an unambiguous JSON object');
  }
  const issuer = claims.get('iss');
  if (typeof issuer !== 'string' || issuer === '' || issuer.length > issuerCharactersMax) {
    return invalid('token: iss is not a string of 1 to 512 characters');
  }
  return next({ algorithm: textOf(header.get('alg')) ?? '', keyId: textOf(header.get('kid')), type: bareType(header), issuer, claims });
}

function headerRefusal(header: Members): string | undefined {
  const forbidden = forbiddenHeaderMembers.find((name) => header.has(name));
  if (forbidden !== undefined) {
    return `header member ${forbidden}`;
  }
  const algorithm = header.get('alg');
  if (typeof algorithm !== 'string' || !algorithmPattern.test(algorithm)) {
    return 'alg is not an algorithm name';
  }
  const type = header.get('typ');
  if (header.has('typ') && (typeof type !== 'string' || !typePattern.test(type))) {
    return 'typ is not a media type';
  }
  const keyId = header.get('kid');
  if (header.has('kid') && (typeof keyId !== 'string' || keyId === '' || keyId.length > keyIdCharactersMax)) {
    return 'kid is not a string of 1 to 128 characters';
  }
  return undefined;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const typePattern = /^[A-Za-z0-9!#$&^_.+-]{1,64}(?:\/[A-Za-z0-9!#$&^_.+-]{1,64})?$/;

/** RFC 7515 section 4.1.9: media types compare without case, and `application/` may be left out. */
function bareType(header: Members): string | undefined {
  return textOf(header.get('typ'))
    ?.toLowerCase()
    .replace(/^application\//, '');
}
