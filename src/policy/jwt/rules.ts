import { deny, next, type Outcome } from '../../core/outcome.ts';
import { bareType, type ParsedToken } from './token.ts';

/** What one configured issuer's tokens must be. */
export interface IssuerRules {
  readonly issuer: string;
  /** Our own name: `aud` must contain it. */
  readonly audience: string;
  /** Signature algorithms; whatever a token says, nothing symmetric is ever accepted. */
  readonly algorithms: readonly string[];
  /** Accepted `typ` values; `absent` accepts a token without one. */
  readonly types: readonly string[];
  readonly requiredScope: string;
  /** Names of the claims that tell client, team, tier and user. The client claim is mandatory. */
  readonly clientClaim: string;
  readonly teamClaim: string | undefined;
  readonly tierClaim: string | undefined;
  readonly userClaim: string;
  /** How long after `iat` a token is accepted at most, however far its `exp` is. */
  readonly maxAgeMs: number;
}

/** Whom a verified token speaks for. */
export interface TokenIdentity {
  readonly issuer: string;
  readonly client: string;
  readonly user: string | undefined;
  readonly team: string | undefined;
  readonly tier: string | undefined;
  readonly jti: string | undefined;
  /** When it stops being valid, by `exp` or by the greatest age, whichever is first. Epoch milliseconds. */
  readonly expiresAtMs: number;
}

/** Every algorithm there can be, whatever a configuration says: none, HMAC and encryption are not among them. */
const asymmetricAlgorithms: ReadonlySet<string> = new Set([
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
]);

/** Judges by whom and how the token says it was signed, before a key is looked up. Unknown issuers cost no question to anyone. */
export function judgeHeader(token: ParsedToken, issuers: ReadonlyMap<string, IssuerRules>): Outcome<IssuerRules> {
  const rules = issuers.get(token.issuer);
  if (rules === undefined) {
    return deny('credential_invalid', 'token: unknown issuer');
  }
  if (!asymmetricAlgorithms.has(token.algorithm) || !rules.algorithms.includes(token.algorithm)) {
    return deny('credential_invalid', `token: algorithm not allowed for ${rules.issuer}`);
  }
  const type = token.type ?? 'absent';
  if (!rules.types.some((allowed) => bareType(allowed) === type)) {
    return deny('credential_invalid', `token: typ not allowed for ${rules.issuer}`);
  }
  return next(rules);
}
