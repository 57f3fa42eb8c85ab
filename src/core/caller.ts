/** How the caller proved who they are. */
export type CredentialKind = 'key' | 'jwt' | 'mtls';

/**
 * Who is asking, after authentication. Plain data: it travels sealed from Check to Process, so every member is JSON.
 * `undefined` members are facts that this kind of credential does not give.
 */
export interface Caller {
  readonly kind: CredentialKind;
  /** Id of the virtual key; only for `kind: 'key'`. */
  readonly key: string | undefined;
  /** The client application: owner of the key, `client_id` of the token, name of the certificate. */
  readonly client: string;
  readonly user: string | undefined;
  readonly team: string | undefined;
  readonly tier: string | undefined;
  /** Token issuer and token id; only for `kind: 'jwt'`. */
  readonly issuer: string | undefined;
  readonly jti: string | undefined;
  /** When the credential stops being valid, epoch milliseconds; undefined where it never does. */
  readonly expiresAtMs: number | undefined;
  /** The trusted-hop address of the client, normalised; undefined where it could not be told. */
  readonly address: string | undefined;
}
