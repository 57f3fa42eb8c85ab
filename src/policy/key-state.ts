import { timingSafeEqual } from 'node:crypto';
import { deny, next, type Outcome } from '../core/outcome.ts';

/** The part of a stored key that decides whether it is valid. */
export interface KeyState {
  /** Lower-case hex digests of the live secrets. */
  readonly digests: readonly string[];
  readonly expiresAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
}

/** Compared where there is no record, so that the answer to an unknown id takes as long as that to a wrong secret. */
const dummyDigests: readonly string[] = ['0'.repeat(64)];

/**
 * Is the presented key the stored one, and may it be used at `nowMs`? `presentedDigest` comes from `digestKey`.
 * The digest is judged first: whoever does not hold the key learns nothing about its state.
 */
export function judgeKey<Record extends KeyState>(record: Record | undefined, presentedDigest: string, nowMs: number): Outcome<Record> {
  const held = holdsDigest(record?.digests ?? dummyDigests, presentedDigest);
  if (record === undefined) {
    return deny('credential_invalid', 'unknown key id');
  }
  if (!held) {
    return deny('credential_invalid', 'wrong key secret');
  }
  return judgeKeyState(record, nowMs);
}

/** May a key that was proven before still be used? For the decision, which a slow upload can put seconds after the proof. */
export function judgeKeyState<Record extends KeyState>(record: Record | undefined, nowMs: number): Outcome<Record> {
  if (record === undefined) {
    return deny('credential_invalid', 'the key is gone');
  }
  if (record.revokedAtMs !== undefined) {
    return deny('credential_revoked');
  }
  if (record.expiresAtMs !== undefined && nowMs >= record.expiresAtMs) {
    return deny('credential_expired');
  }
  return next(record);
}

function holdsDigest(digests: readonly string[], presented: string): boolean {
  const candidate = Buffer.from(presented, 'latin1');
  let held = false;
  for (const digest of digests) {
    const stored = Buffer.from(digest, 'latin1');
    // No early exit: which of two live secrets matched must not show in the time taken.
    if (stored.length === candidate.length && timingSafeEqual(stored, candidate)) {
      held = true;
    }
  }
  return held;
}
