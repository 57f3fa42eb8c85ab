import { deny, next, type Denied, type Outcome } from '../../core/outcome.ts';
import type { PresentedCertificate } from '../credential.ts';
import { judgeBinding } from './binding.ts';
import type { Members } from './members.ts';
import type { IssuerRules, TokenIdentity } from './rules.ts';

/** Clocks of issuers and ours differ by no more; it loosens `nbf` and `iat`, never `exp`. */
const skewMs = 60_000;

/** A NumericDate (RFC 7519 section 2) beyond the year 5138 is a mistake, and below it milliseconds stay exact. */
const dateSecondsMax = 100_000_000_000;

const audiencesMax = 64;

/** Names become keys of counters and labels of metrics. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._:@/|+=-]{0,127}$/;
const userPattern = /^[A-Za-z0-9][A-Za-z0-9._:@/|+=-]{0,254}$/;
const tokenIdPattern = /^[\x21-\x7e]{1,256}$/;

/** RFC 6749 section 3.3: names of visible characters other than `"` and `\`, single spaces between them. */
const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

const invalid = (detail: string): Denied => deny('credential_invalid', `token: ${detail}`);

/**
 * Judges the claims of a token whose signature was verified with a key of `rules.issuer`. `certificate` is what came with the
 * request, if anything did. Ask it at every use: what it says about time and certificate holds for this request only.
 */
export function judgeClaims(
  claims: Members,
  rules: IssuerRules,
  certificate: PresentedCertificate | undefined,
  nowMs: number,
): Outcome<TokenIdentity> {
  if (claims.get('iss') !== rules.issuer) {
    return invalid('iss is not the issuer whose key signed it');
  }
  if (!isFor(rules.audience, claims.get('aud'))) {
    return invalid('aud does not contain us');
  }
  const times = judgeTimes(claims, rules.maxAgeMs, nowMs);
  if (times.kind !== 'next') {
    return times;
  }
  const bound = judgeBinding(claims, certificate);
  if (bound.kind !== 'next') {
    return bound;
  }
  const scope = judgeScope(claims, rules.requiredScope);
  return scope.kind === 'next' ? judgeNames(claims, rules, times.found) : scope;
}

function isFor(audience: string, claim: unknown): boolean {
  if (typeof claim === 'string') {
    return claim === audience;
  }
  if (!Array.isArray(claim) || claim.length > audiencesMax) {
    return false;
  }
  const audiences: readonly unknown[] = claim;
  return audiences.every((each) => typeof each === 'string') && audiences.includes(audience);
}

/** Milliseconds; undefined for everything but a number of seconds since the epoch. */
const dateMs = (claim: unknown): number | undefined =>
  typeof claim === 'number' && claim >= 0 && claim <= dateSecondsMax ? claim * 1_000 : undefined;

/** Finds when the token stops being valid. */
function judgeTimes(claims: Members, maxAgeMs: number, nowMs: number): Outcome<number> {
  const expiresMs = dateMs(claims.get('exp'));
  const issuedMs = dateMs(claims.get('iat'));
  if (expiresMs === undefined || issuedMs === undefined) {
    return invalid('exp or iat is not a date');
  }
  const fromMs = claims.has('nbf') ? dateMs(claims.get('nbf')) : issuedMs;
  if (fromMs === undefined) {
    return invalid('nbf is not a date');
  }
  if (issuedMs > nowMs + skewMs || fromMs > nowMs + skewMs) {
    return invalid('not valid yet');
  }
  const untilMs = Math.min(expiresMs, issuedMs + maxAgeMs);
  return nowMs < untilMs ? next(untilMs) : deny('credential_expired', 'token: exp or greatest age has passed');
}

function judgeScope(claims: Members, required: string): Outcome<null> {
  const scope = claims.get('scope');
  if (!claims.has('scope') || scope === '') {
    return deny('scope_missing', 'token: no scope');
  }
  if (typeof scope !== 'string' || !scopePattern.test(scope)) {
    return invalid('scope is not a list of names with single spaces');
  }
  return scope.split(' ').includes(required)
    ? next(null)
    : deny('scope_missing', `token: scope lacks ${required}`, `The scope is "${required}".`);
}

function judgeNames(claims: Members, rules: IssuerRules, expiresAtMs: number): Outcome<TokenIdentity> {
  const texts: readonly (readonly [string | undefined, RegExp])[] = [
    ['sub', userPattern],
    ['client_id', namePattern],
    ['jti', tokenIdPattern],
    [rules.clientClaim, namePattern],
    [rules.teamClaim, namePattern],
    [rules.tierClaim, namePattern],
    [rules.userClaim, userPattern],
  ];
  for (const [name, pattern] of texts) {
    if (name !== undefined && claims.has(name) && textClaim(claims, name, pattern) === undefined) {
      return invalid(`${name} is not a string of the allowed characters`);
    }
  }
  const client = textClaim(claims, rules.clientClaim, namePattern);
  if (client === undefined) {
    return deny('scope_missing', `token: no ${rules.clientClaim}`, `The claim is "${rules.clientClaim}".`);
  }
  return next({
    issuer: rules.issuer,
    client,
    user: textClaim(claims, rules.userClaim, userPattern),
    team: textClaim(claims, rules.teamClaim, namePattern),
    tier: textClaim(claims, rules.tierClaim, namePattern),
    jti: textClaim(claims, 'jti', tokenIdPattern),
    expiresAtMs,
  });
}

function textClaim(claims: Members, name: string | undefined, pattern: RegExp): string | undefined {
  const claim = name === undefined ? undefined : claims.get(name);
  return typeof claim === 'string' && pattern.test(claim) ? claim : undefined;
}
