import type { KeyObject } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import { must } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import { guardUrl } from '../../core/guard-url.ts';
import type { SignatureVerdict, TokenKeys } from '../../ports/token-keys.ts';
import { fetchText } from './fetch-text.ts';
import { openIssuerKeys, type IssuerKeys } from './issuer-keys.ts';
import { cooldownMs, openKeyCache, type KeyRefresh, type ReadKeys } from './key-cache.ts';
import { readTextFile } from './read-file.ts';
import { openVerdicts, type Verdicts } from './verdicts.ts';

const setBytesMax = 256 * 1_024;
const fetchTimeoutMs = 5_000;

/** How often it is looked whether a set is due; below the cooldown, so that a failed attempt is repeated as soon as it may be. */
const pollMs = cooldownMs / 2;

export interface KeyIssuer {
  readonly issuer: string;
  /** `https://...`, or `file:/absolute/path` of a JWK Set on this machine. */
  readonly jwks: string;
  readonly jwksMaxStaleMs: number;
  /** The operator said that the URL may lead to a private or loopback address. */
  readonly allowPrivate: boolean;
}

export interface TokenKeysOptions {
  readonly issuers: readonly KeyIssuer[];
  /** Milliseconds of a clock that does not jump. */
  readonly clock: Clock;
  readonly onRefresh: (issuer: string, refresh: KeyRefresh) => void;
  /** Time for one JWK Set; 5 s unless told. */
  readonly timeoutMs?: number;
  /** Under the settings before: an issuer that is away at a reload must not lose its keys. */
  readonly before?: OpenTokenKeys | undefined;
}

export interface OpenTokenKeys extends TokenKeys {
  /** Reads the sets that are due. Called by a timer of its own too; at the start, awaiting it makes the first request quick. */
  refresh(): Promise<void>;
  /** What was last read of the keys of this issuer, at this very place; undefined where nothing was. */
  last(issuer: KeyIssuer): ReadKeys | undefined;
  /** Ends the timer. What is being read is dropped by its own time limit. */
  close(): void;
}

/** Opens the key sets of all issuers. Throws `InvariantError` for a `jwks` that the settings check should have refused. */
export function openTokenKeys(options: TokenKeysOptions): OpenTokenKeys {
  const { clock, onRefresh, timeoutMs = fetchTimeoutMs } = options;
  const verdicts = openVerdicts(clock);
  const opened = options.issuers.map((issuer) => {
    const cache = openKeyCache({
      read: readerOf(issuer, timeoutMs),
      before: options.before?.last(issuer),
      clock,
      onRefresh: (refresh) => {
        onRefresh(issuer.issuer, refresh);
      },
    });
    return { place: placeOf(issuer), issuer: issuer.issuer, cache, keys: openIssuerKeys(cache, issuer.jwksMaxStaleMs) };
  });
  const keysByIssuer: ReadonlyMap<string, IssuerKeys> = new Map(opened.map(({ issuer, keys }) => [issuer, keys]));
  const refresh = async (): Promise<void> => {
    await Promise.all([...keysByIssuer.values()].map(async (keys) => keys.refreshWhenDue()));
  };
  const timer = setInterval(() => void refresh(), pollMs).unref();

  return {
    refresh,
    last: (issuer) => opened.find(({ place }) => place === placeOf(issuer))?.cache.last(),
    close: () => {
      clearInterval(timer);
    },
    readiness: () => new Map([...keysByIssuer].map(([issuer, keys]) => [issuer, keys.usable()])),
    verify: async (token, { issuer, algorithm, keyId }, signal) => {
      const keys = keysByIssuer.get(issuer);
      must(keys !== undefined, 'only tokens of configured issuers get here');
      const key = await keys.find(algorithm, keyId, signal);
      return key === undefined ? 'unknown_key' : verifyOnce(verdicts, token.reveal(), key, algorithm);
    },
  };
}

const placeOf = ({ issuer, jwks, allowPrivate }: KeyIssuer): string => JSON.stringify([issuer, jwks, allowPrivate]);

function readerOf({ jwks, allowPrivate }: KeyIssuer, timeoutMs: number): () => Promise<string> {
  if (jwks.startsWith('file:')) {
    const path = jwks.slice('file:'.length);
    return async () => readTextFile(path, setBytesMax);
  }
  const allowance = { allowLoopback: allowPrivate, allowPrivate };
  const guarded = guardUrl(jwks, allowance);
  must(guarded.kind === 'allowed', 'the settings check has refused unsafe jwks URLs');
  return async () => fetchText(guarded.url, allowance, { bytesMax: setBytesMax, timeoutMs });
}

async function verifyOnce(verdicts: Verdicts, token: string, key: KeyObject, algorithm: string): Promise<SignatureVerdict> {
  if (verdicts.has(token, key)) {
    return 'valid';
  }
  try {
    await compactVerify(token, key, { algorithms: [algorithm] });
  } catch (error) {
    if (error instanceof errors.JOSEError) {
      return 'invalid';
    }
    throw error;
  }
  verdicts.add(token, key);
  return 'valid';
}
