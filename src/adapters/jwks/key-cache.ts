import { TokenKeysError } from '../../ports/token-keys.ts';
import type { Clock } from '../../core/clock.ts';
import { parseKeySet, type KeySet } from './key-set.ts';

/** What came of one look at an issuer's keys: for the log and the metrics. */
export type KeyRefresh =
  | { readonly kind: 'loaded'; readonly keys: number; readonly refusedKeys: number }
  | { readonly kind: 'failed'; readonly code: TokenKeysError['code'] };

/** A set that was read. */
export interface ReadKeys {
  readonly text: string;
  readonly set: KeySet;
  readonly atMs: number;
}

export interface KeyCacheOptions {
  /** Reads the JWK Set; throws `TokenKeysError`. */
  readonly read: () => Promise<string>;
  /** What was read there under other settings: good until it is read anew, which is due at once. */
  readonly before?: ReadKeys | undefined;
  /** Must not jump: differences count, not the date. */
  readonly clock: Clock;
  readonly onRefresh: (refresh: KeyRefresh) => void;
}

/** The last good set of an issuer, and how to look for a newer one. */
export interface KeyCache {
  set(): KeySet;
  ageMs(): number;
  /** Undefined where there was none. */
  last(): ReadKeys | undefined;
  /** False until it was looked for at all. */
  isAsked(): boolean;
  /** Why the last attempt failed; undefined where it did not. */
  failure(): TokenKeysError['code'] | undefined;
  /** The attempt that is running or may begin now; undefined while it is too early for another. Never rejects. */
  load(): Promise<void> | undefined;
}

/**
 * Between two attempts, whatever came of the first: tokens with made-up key ids cost the issuer one question in this time. It is
 * the memory for unknown ids too: what a set of at most this age lacks is unknown without a question, and no list can be filled.
 */
export const cooldownMs = 30_000;

const noKeys: KeySet = { keys: [], refusedKeys: 0 };

export function openKeyCache({ read, before, clock, onRefresh }: KeyCacheOptions): KeyCache {
  let last = before;
  let attemptedAtMs = Number.NEGATIVE_INFINITY;
  let failure: TokenKeysError['code'] | undefined = 'no_keys';
  let attempt: Promise<void> | undefined;

  const take = async (): Promise<KeyRefresh> => {
    try {
      const answer = await read();
      // Equal text keeps the key objects, and with them the verdicts that were reached with them.
      const parsed = answer === last?.text ? last.set : parseKeySet(answer);
      if (parsed === undefined) {
        return { kind: 'failed', code: 'bad_reply' };
      }
      last = { text: answer, set: parsed, atMs: clock() };
      return { kind: 'loaded', keys: parsed.keys.length, refusedKeys: parsed.refusedKeys };
    } catch (error) {
      return { kind: 'failed', code: error instanceof TokenKeysError ? error.code : 'unreachable' };
    }
  };

  const load = async (): Promise<void> => {
    const refresh = await take();
    failure = refresh.kind === 'failed' ? refresh.code : undefined;
    attempt = undefined;
    onRefresh(refresh);
  };

  return {
    set: () => last?.set ?? noKeys,
    ageMs: () => clock() - (last?.atMs ?? Number.NEGATIVE_INFINITY),
    last: () => last,
    isAsked: () => attemptedAtMs !== Number.NEGATIVE_INFINITY,
    failure: () => failure,
    load: () => {
      if (attempt === undefined && clock() - attemptedAtMs >= cooldownMs) {
        attemptedAtMs = clock();
        attempt = load();
      }
      return attempt;
    },
  };
}
