import type { Secret } from '../core/secret.ts';

/** Which key a token says it was signed with. The issuer is one of the configured ones; the rest are the token's own words. */
export interface SigningClaim {
  readonly issuer: string;
  readonly algorithm: string;
  readonly keyId: string | undefined;
}

/**
 * `valid`: a key that this issuer publishes for this algorithm made the signature over exactly this text.
 * `unknown_key`: the issuer publishes no such key, by an answer recent enough to say so.
 */
export type SignatureVerdict = 'valid' | 'invalid' | 'unknown_key';

/** The public keys of the configured issuers. */
export interface TokenKeys {
  /**
   * Throws `TokenKeysError` where we cannot tell: the issuer's keys are not known, too old, or older than a key that may be new.
   * `signal` ends the wait for keys; reading them goes on for the next caller.
   */
  verify(token: Secret, claim: SigningClaim, signal: AbortSignal): Promise<SignatureVerdict>;
  /** Per issuer: its keys are known, usable and not too old. */
  readiness(): ReadonlyMap<string, boolean>;
}

/** The keys of an issuer are not known. The message is a code; what the other side said stays in `cause`. */
export class TokenKeysError extends Error {
  override readonly name = 'TokenKeysError';
  /** `refused_address`: the host's name led to an address that the settings do not allow. `no_keys`: none that may be used. */
  readonly code: 'timeout' | 'unreachable' | 'refused_address' | 'bad_reply' | 'too_large' | 'no_keys';

  constructor(code: TokenKeysError['code'], cause?: unknown) {
    super(`token keys: ${code}`, { cause });
    this.code = code;
  }
}
