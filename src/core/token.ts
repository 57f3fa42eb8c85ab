/** The verified client certificate beside a token: what the token may be bound to (RFC 8705 section 3). */
export interface PresentedCertificate {
  /** SHA-256 of the DER form, base64url without padding. */
  readonly sha256: string;
  /** The certificate is mapped to a client, so a token that is not bound to it would be a second credential. */
  readonly isIdentity: boolean;
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
