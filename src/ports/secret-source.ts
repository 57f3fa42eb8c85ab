import type { Secret } from '../core/secret.ts';

/** Where a secret lives: `file:/path`, `file:/path#field` or `<store>:<path>#<field>` (field = member of a JSON object). */
export interface SecretReference {
  /** `file`, or the name of an entry under `secrets:`. */
  readonly store: string;
  readonly path: string;
  readonly field: string | undefined;
}

export interface SecretVersion {
  /** The store's own handle of this version (VersionId); stable for equal values, never the value. */
  readonly version: string;
  readonly value: Secret;
}

/**
 * A store's answer. `gone` is the store's own word that the secret is deleted, disabled or not there (revocation, after one
 * confirming read); everything that is not an answer (network, throttling, our own missing rights) throws `SecretError`.
 */
export type SecretAnswer =
  { readonly kind: 'found'; readonly current: SecretVersion; readonly previous: SecretVersion | undefined } | { readonly kind: 'gone' };

export interface SecretSource {
  /** One attempt, bounded by `signal`; the caller owns refresh, retries and staleness. */
  fetch(reference: SecretReference, signal: AbortSignal): Promise<SecretAnswer>;
}

/** The store could not be asked, or its answer could not be used. Never carries the secret or an SDK's own message. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  readonly code: 'timeout' | 'unreachable' | 'access_denied' | 'throttled' | 'bad_value';

  constructor(code: SecretError['code'], cause?: unknown) {
    super(`secret store: ${code}`, { cause });
    this.code = code;
  }
}
