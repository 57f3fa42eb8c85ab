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

const kinds: ReadonlySet<unknown> = new Set(['key', 'jwt', 'mtls'] satisfies CredentialKind[]);
const isKind = (value: unknown): value is CredentialKind => kinds.has(value);
const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';
const isTime = (value: unknown): value is number | undefined => value === undefined || Number.isFinite(value);

/** The caller in parsed JSON; undefined where it is not exactly one. Absent members are undefined ones. */
export function parseCaller(value: unknown): Caller | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { kind, client, expiresAtMs, ...rest }: Partial<Record<keyof Caller, unknown>> = value;
  const { key, user, team, tier, issuer, jti, address } = rest;
  const texts = [key, user, team, tier, issuer, jti, address];
  if (!isKind(kind) || typeof client !== 'string' || !isTime(expiresAtMs) || !texts.every(isText)) {
    return undefined;
  }
  const [keyText, userText, teamText, tierText, issuerText, jtiText, addressText] = texts;
  return {
    kind,
    key: keyText,
    client,
    user: userText,
    team: teamText,
    tier: tierText,
    issuer: issuerText,
    jti: jtiText,
    expiresAtMs,
    address: addressText,
  };
}
