import { never } from '../core/assert.ts';
import type { Secret } from '../core/secret.ts';

/** `SecretVersion` of ports/secret-source.ts. */
export interface CredentialVersion {
  readonly version: string;
  readonly value: Secret;
}

export interface CredentialLimits {
  /** How long the last good answer of a store that cannot be asked is believed. */
  readonly maxStaleMs: number;
  /** How long the version before the current one may still be served, should the provider reject the current one. */
  readonly overlapMs: number;
}

/** What can happen to a credential. Times are of one clock that need not be the wall clock: only differences count. */
export type CredentialEvent =
  | { readonly kind: 'found'; readonly current: CredentialVersion; readonly previous: CredentialVersion | undefined }
  | { readonly kind: 'gone' }
  | { readonly kind: 'fetch_failed'; readonly code: string }
  /** The provider answered 401 or 403 to a request that carried `version`; undefined = whichever version was served. */
  | { readonly kind: 'rejected'; readonly version: string | undefined }
  /** An operator's word: `version`, or every version held now, is never served again. */
  | { readonly kind: 'revoked'; readonly version: string | undefined };

interface Held extends CredentialVersion {
  readonly rejectedAtMs: number | undefined;
}

interface Current extends Held {
  /** When it was first seen as the current version: its overlap with the one before runs from here. */
  readonly sinceMs: number;
}

/** One credential between events. Made by `absentCredential`, changed by `advance`, read by `judgeCredential`. */
export interface CredentialState {
  readonly current: Current | undefined;
  readonly previous: Held | undefined;
  /** When the store last answered; undefined = never. */
  readonly answeredAtMs: number | undefined;
  /** Why the last attempt failed; undefined where it did not. */
  readonly failure: string | undefined;
  readonly gone: boolean;
  /** Versions that an operator revoked, oldest first. */
  readonly revoked: readonly string[];
  /** Since when the version that is served now is served. */
  readonly servedSinceMs: number | undefined;
}

/**
 * `absent` no answer yet · `active` · `overlap` active, and the version before could take over · `fallback` that version has
 * taken over · `rejected` the provider rejects all we have (still served: an alarm, not a revocation) · `stale` served, but the
 * store cannot be asked · `expired` too stale to serve · `gone` the store says deleted · `revoked` an operator says so.
 */
export type CredentialPhase = 'absent' | 'active' | 'overlap' | 'fallback' | 'rejected' | 'stale' | 'expired' | 'gone' | 'revoked';

export interface CredentialJudgement {
  readonly phase: CredentialPhase;
  readonly served: CredentialVersion | undefined;
}

const revokedVersionsMax = 64;

/** Requests already on their way when the served version changed; their 401 must not be blamed on the new one. */
export const settleMs = 3_000;
/** How long one 401 keeps the alarm up where there is no other version to serve. */
export const rejectionMs = 300_000;

export const absentCredential: CredentialState = {
  current: undefined,
  previous: undefined,
  answeredAtMs: undefined,
  failure: undefined,
  gone: false,
  revoked: [],
  servedSinceMs: undefined,
};

/** The state after `event`. A store's `gone` ends with its next `found`; a revoked version stays revoked for good. */
export function advance(state: CredentialState, event: CredentialEvent, nowMs: number, limits: CredentialLimits): CredentialState {
  const before = judgeCredential(state, nowMs, limits).served?.version;
  const changed = apply(state, event, nowMs, limits);
  const after = judgeCredential(changed, nowMs, limits).served?.version;
  return before === after ? changed : { ...changed, servedSinceMs: after === undefined ? undefined : nowMs };
}

function apply(state: CredentialState, event: CredentialEvent, nowMs: number, limits: CredentialLimits): CredentialState {
  switch (event.kind) {
    case 'found':
      return applyFound(state, event, nowMs, limits);
    case 'gone':
      // Nothing is kept: what a store has deleted must not come back by a rejection of what it holds next.
      return { ...state, current: undefined, previous: undefined, answeredAtMs: nowMs, failure: undefined, gone: true };
    case 'fetch_failed':
      return { ...state, failure: event.code };
    case 'rejected':
      return applyRejected(state, event.version, nowMs, limits);
    case 'revoked':
      return applyRevoked(state, event.version);
    default:
      return never(event);
  }
}

function applyFound(
  state: CredentialState,
  found: { readonly current: CredentialVersion; readonly previous: CredentialVersion | undefined },
  nowMs: number,
  limits: CredentialLimits,
): CredentialState {
  const unchanged = state.current?.version === found.current.version ? state.current : undefined;
  const current = unchanged ?? { ...found.current, rejectedAtMs: undefined, sinceMs: nowMs };
  // A store without a memory of its own (a file) leaves it to us to remember the version before.
  const before = unchanged === undefined ? (found.previous ?? state.current) : (state.previous ?? found.previous);
  const overlaps = before !== undefined && before.version !== current.version && nowMs < current.sinceMs + limits.overlapMs;
  return {
    ...state,
    current,
    // Dropped for good at the end of the overlap, so that its value can be collected.
    previous: overlaps ? { version: before.version, value: before.value, rejectedAtMs: rejectionOf(state, before.version) } : undefined,
    answeredAtMs: nowMs,
    failure: undefined,
    gone: false,
  };
}

const rejectionOf = (state: CredentialState, version: string): number | undefined =>
  [state.current, state.previous].find((held) => held?.version === version)?.rejectedAtMs;

function applyRejected(state: CredentialState, named: string | undefined, nowMs: number, limits: CredentialLimits): CredentialState {
  const { served } = judgeCredential(state, nowMs, limits);
  const settled = state.servedSinceMs !== undefined && nowMs - state.servedSinceMs >= settleMs;
  const version = named ?? (settled ? served?.version : undefined);
  if (version === undefined) {
    return state;
  }
  const mark = <Version extends Held>(held: Version | undefined): Version | undefined =>
    held?.version === version ? { ...held, rejectedAtMs: nowMs } : held;
  return { ...state, current: mark(state.current), previous: mark(state.previous) };
}

function applyRevoked(state: CredentialState, named: string | undefined): CredentialState {
  const versions = named === undefined ? [state.current?.version, state.previous?.version] : [named];
  const added = versions.filter((version) => version !== undefined).filter((version) => !state.revoked.includes(version));
  return { ...state, revoked: [...state.revoked, ...added].slice(-revokedVersionsMax) };
}

/** What is served now, and why. Judged anew at each reading, so that no late timer keeps a key alive. */
export function judgeCredential(state: CredentialState, nowMs: number, limits: CredentialLimits): CredentialJudgement {
  if (state.gone) {
    return { phase: 'gone', served: undefined };
  }
  if (state.current === undefined || state.answeredAtMs === undefined) {
    return { phase: 'absent', served: undefined };
  }
  if (nowMs - state.answeredAtMs >= limits.maxStaleMs) {
    return { phase: 'expired', served: undefined };
  }
  return judgeVersions(state, state.current, nowMs, limits);
}

const isLive = (state: CredentialState, held: CredentialVersion): boolean => !state.revoked.includes(held.version);

function judgeVersions(state: CredentialState, current: Current, nowMs: number, limits: CredentialLimits): CredentialJudgement {
  const spare = spareOf(state, current, nowMs, limits);
  const live = isLive(state, current);
  if (spare !== undefined && (current.rejectedAtMs !== undefined || !live)) {
    return { phase: 'fallback', served: spare };
  }
  if (!live) {
    return { phase: 'revoked', served: undefined };
  }
  if (current.rejectedAtMs !== undefined && nowMs - current.rejectedAtMs < rejectionMs) {
    return { phase: 'rejected', served: current };
  }
  if (state.failure !== undefined) {
    return { phase: 'stale', served: current };
  }
  return { phase: spare === undefined ? 'active' : 'overlap', served: current };
}

/** The version before, where it may still be served. Once rejected it never is: an old key does not recover. */
function spareOf(state: CredentialState, current: Current, nowMs: number, limits: CredentialLimits): Held | undefined {
  const { previous } = state;
  const usable = previous !== undefined && previous.rejectedAtMs === undefined && isLive(state, previous);
  return usable && nowMs < current.sinceMs + limits.overlapMs ? previous : undefined;
}

/** When the judgement next changes by time alone; undefined where it never does. */
export function nextChangeMs(state: CredentialState, nowMs: number, limits: CredentialLimits): number | undefined {
  const { current, answeredAtMs } = state;
  if (current === undefined || answeredAtMs === undefined) {
    return undefined;
  }
  const moments = [
    answeredAtMs + limits.maxStaleMs,
    current.sinceMs + limits.overlapMs,
    (current.rejectedAtMs ?? -rejectionMs) + rejectionMs,
  ];
  const ahead = moments.filter((moment) => moment > nowMs);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}
