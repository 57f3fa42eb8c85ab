import type { KeyObject } from 'node:crypto';
import { TokenKeysError } from '../../ports/token-keys.ts';
import type { KeyCache } from './key-cache.ts';
import { selectKey } from './key-set.ts';

export interface IssuerKeys {
  /** Undefined where the issuer published no such key when it was last asked. Throws `TokenKeysError` where we cannot tell. */
  find(algorithm: string, keyId: string | undefined, signal: AbortSignal): Promise<KeyObject | undefined>;
  /** Reads the keys if it is time to; never rejects. */
  refreshWhenDue(): Promise<void>;
  usable(): boolean;
}

export const refreshAfterMs = 600_000;

/**
 * The keys of one issuer: read beside the requests, used for `maxStaleMs` longer than they should be while the issuer is away, then
 * not at all. An issuer that publishes no usable key has said that none is valid; the old ones are not used on.
 */
export function openIssuerKeys(cache: KeyCache, maxStaleMs: number): IssuerKeys {
  const isDue = (): boolean => cache.ageMs() >= refreshAfterMs || !cache.isAsked();
  const usable = (): boolean => cache.set().keys.length > 0 && cache.ageMs() <= refreshAfterMs + maxStaleMs;
  const select = (algorithm: string, keyId: string | undefined): KeyObject | undefined =>
    usable() ? selectKey(cache.set(), algorithm, keyId) : undefined;

  return {
    usable,
    refreshWhenDue: async () => {
      if (isDue() || !usable()) {
        await cache.load();
      }
    },
    find: async (algorithm, keyId, signal) => {
      const known = select(algorithm, keyId);
      if (known !== undefined) {
        if (isDue()) {
          void cache.load();
        }
        return known;
      }
      await settled(cache.load(), signal);
      const found = select(algorithm, keyId);
      const failure = cache.failure() ?? (usable() ? undefined : 'no_keys');
      // Where the last attempt failed, the key may be newer than the set: that is not "no such key".
      if (found === undefined && failure !== undefined) {
        throw new TokenKeysError(failure);
      }
      return found;
    },
  };
}

/** Throws `TokenKeysError` where `signal` comes first; the attempt goes on for those that ask later. */
async function settled(attempt: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (attempt === undefined) {
    return;
  }
  if (signal.aborted) {
    throw new TokenKeysError('timeout');
  }
  const { promise: abandoned, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => {
    reject(new TokenKeysError('timeout'));
  };
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await Promise.race([attempt, abandoned]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
