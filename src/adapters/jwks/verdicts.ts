import { hash, type KeyObject } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';

const entriesMax = 10_000;
const lifetimeMs = 60_000;

/** Signatures found valid, so that a token used again costs a digest instead of a verification. */
export interface Verdicts {
  has(token: string, key: KeyObject): boolean;
  add(token: string, key: KeyObject): void;
}

/**
 * Remembers by the digest of the whole token, never a part of it, and by the very key object: a key that is gone from the issuer's
 * set takes its verdicts along. Only valid signatures are kept, so nobody without a token can push others out. Nothing about claims
 * is remembered: time and certificate are judged at every use.
 */
export function openVerdicts(clock: Clock): Verdicts {
  const entries = new Map<string, { readonly key: KeyObject; readonly untilMs: number }>();
  return {
    has: (token, key) => {
      const entry = entries.get(hash('sha256', token, 'base64'));
      return entry !== undefined && entry.key === key && clock() < entry.untilMs;
    },
    add: (token, key) => {
      const digest = hash('sha256', token, 'base64');
      entries.delete(digest);
      const [oldest] = entries.size >= entriesMax ? entries.keys() : [];
      if (oldest !== undefined) {
        entries.delete(oldest);
      }
      entries.set(digest, { key, untilMs: clock() + lifetimeMs });
    },
  };
}
