import type { Outcome } from '../core/outcome.ts';
import type { Secret } from '../core/secret.ts';
import type { PresentedCertificate, TokenIdentity } from '../core/token.ts';

/** Judges access tokens. */
export interface TokenVerifier {
  /**
   * Whom the token speaks for, now and beside this certificate. Blocks are not looked at. Fault `jwks` where the issuer's keys are
   * not known; waits for them for at most a second.
   */
  verify(token: Secret, certificate: PresentedCertificate | undefined): Promise<Outcome<TokenIdentity>>;
}

/** Which key a token says it was signed with. The issuer is one of the configured ones; the rest are the token's own words. */
export interface SigningClaim {
  readonly issuer: string;
  readonly algorithm: string;
  readonly keyId: string | undefined;
}

/**
 * `valid`: a key that this issuer publishes for this algorithm made the signature over exactly this text.
 * `unknown_key`: the issuer publishes no such key, by an answer recent enough to say so.
 * `keys_unavailable`: we cannot tell, because the issuer's keys are not known, too old, or older than a key that may be new.
 */
export type SignatureVerdict = 'valid' | 'invalid' | 'unknown_key' | 'keys_unavailable';

/** The public keys of the configured issuers. */
export interface TokenKeys {
  /** Never throws for what an issuer or a token says. Waits for keys that are not here yet for at most a second. */
  verify(token: Secret, claim: SigningClaim): Promise<SignatureVerdict>;
  /** Per issuer: its keys are known, usable and not too old. */
  readiness(): ReadonlyMap<string, boolean>;
}
