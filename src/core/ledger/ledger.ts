import { NOTHING, type Amounts, type Counter } from '../limit.ts';
import { mustBeAmounts, mustBeHold, mustBeLease } from './check.ts';
import { changed, pendingOf, placeOf, retryAfterMs, shareOf, usedOf, type Change } from './counters.ts';
import type { HoldRecord, HoldRequest, HoldStatus, LedgerState, Place, ReserveAnswer, SettleAnswer, Shortage } from './hold.ts';

/** How long an id that was settled or cancelled is known, so that repeating the question is harmless. */
export const endedKeptMs = 600_000;
/** How long an expired hold waits for its true figure: a sidecar that was killed may come back late. */
export const expiredKeptMs = 86_400_000;
/** Expired holds that one call looks after. */
export const REAPED_MAX = 1_000;

/** What is wanted of one counter. */
interface Claim {
  readonly place: Place;
  readonly amount: number;
  readonly limit: number;
}

/**
 * Charges every counter or none. Kept at every counter: settled + held ≤ limit at admission; each hold is resolved once; a true figure
 * above what was held is charged in full, and later admissions see it. Throws `InvariantError` where an amount or limit is none.
 */
export function reserve(state: LedgerState, request: HoldRequest, nowMs: number): ReserveAnswer {
  mustBeHold(request);
  const known = knownHold(state, request.id, nowMs);
  if (known !== undefined) {
    return known.status === 'open' ? { kind: 'granted', atMs: known.atMs } : { kind: 'ended' };
  }
  const claims = claimsOf(request, nowMs);
  const day = request.days.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)?.id;
  if (claims === undefined || day === undefined) {
    return { kind: 'clock', atMs: nowMs };
  }
  let shortage = shortageOf(state, claims, nowMs);
  if (shortage !== undefined && claims.some(({ place }) => place.kind === 'concurrent') && reap(state, nowMs) > 0) {
    shortage = shortageOf(state, claims, nowMs);
  }
  if (shortage !== undefined) {
    return { kind: 'refused', shortage, atMs: nowMs };
  }
  for (const { place, amount } of claims) {
    change(state, place, { amount, pending: amount }, nowMs);
  }
  const { id, amounts, account, leaseMs } = request;
  const places = claims.map(({ place }) => place);
  const leaseEndsMs = nowMs + leaseMs;
  state.putHold({ id, status: 'open', atMs: nowMs, leaseEndsMs, forgetMs: leaseEndsMs + expiredKeptMs, amounts, places, account, day });
  return { kind: 'granted', atMs: nowMs };
}

/** Stores drop what may be forgotten when they like: until then it is not known either, so that all of them answer alike. */
function knownHold(state: LedgerState, id: string, nowMs: number): HoldRecord | undefined {
  const hold = state.hold(id);
  return hold?.status === 'open' || (hold !== undefined && hold.forgetMs > nowMs) ? hold : undefined;
}

/** Undefined where a budget has no period around now. */
function claimsOf({ counters, amounts }: HoldRequest, nowMs: number): readonly Claim[] | undefined {
  const claims: Claim[] = [];
  for (const counter of counters) {
    const place = placeOf(counter, nowMs);
    if (place === undefined) {
      return undefined;
    }
    claims.push({ place, amount: shareOf(place, amounts), limit: counter.limit });
  }
  return claims;
}

/** Of the counters without room, the one that stays so the longest. */
function shortageOf(state: LedgerState, claims: readonly Claim[], nowMs: number): Shortage | undefined {
  let longest: Shortage | undefined;
  for (const [index, { place, amount, limit }] of claims.entries()) {
    const counter = state.counter(place.key);
    if (usedOf(place, counter, nowMs) + amount > limit) {
      const shortage: Shortage = { index, retryAfterMs: retryAfterMs(place, counter, { amount, limit, nowMs }) };
      longest = longest === undefined || isLonger(shortage, longest) ? shortage : longest;
    }
  }
  return longest;
}

const isLonger = (left: Shortage, right: Shortage): boolean => (left.retryAfterMs ?? Infinity) > (right.retryAfterMs ?? Infinity);

function change(state: LedgerState, place: Place, by: Change, nowMs: number): void {
  const after = changed(place, state.counter(place.key), by, nowMs);
  if (after !== undefined) {
    state.putCounter(place.key, after.state, after.forgetMs);
  }
}

/** New leases for open holds; the ids of the others. Throws `InvariantError` where the lease is none. */
export function extend(state: LedgerState, ids: readonly string[], leaseMs: number, nowMs: number): readonly string[] {
  mustBeLease(leaseMs);
  return ids.filter((id) => {
    const hold = knownHold(state, id, nowMs);
    if (hold?.status !== 'open') {
      return true;
    }
    const leaseEndsMs = nowMs + leaseMs;
    state.putHold({ ...hold, leaseEndsMs, forgetMs: leaseEndsMs + expiredKeptMs });
    return false;
  });
}

/** Throws `InvariantError` where an amount is none. */
export function settle(state: LedgerState, id: string, amounts: Amounts, nowMs: number): SettleAnswer {
  mustBeAmounts(amounts);
  return finish(state, knownHold(state, id, nowMs), { amounts, status: 'settled', nowMs });
}

/** An id that is not known is remembered: its reserve may still be on its way. */
export function cancel(state: LedgerState, id: string, nowMs: number): SettleAnswer {
  const answer = finish(state, knownHold(state, id, nowMs), { amounts: NOTHING, status: 'cancelled', nowMs });
  if (answer === 'unknown') {
    state.putHold({
      id,
      status: 'cancelled',
      atMs: nowMs,
      leaseEndsMs: nowMs,
      forgetMs: nowMs + endedKeptMs,
      amounts: NOTHING,
      places: [],
      account: { team: '', client: '', key: '', user: '', model: '' },
      day: '',
    });
  }
  return answer;
}

/** Ends holds whose lease has run out, at most 1,000: their places are free, what they hold stays charged. */
export function reap(state: LedgerState, nowMs: number): number {
  const expired = state.expired(nowMs, REAPED_MAX);
  for (const hold of expired) {
    finish(state, hold, { amounts: hold.amounts, status: 'expired', nowMs });
  }
  return expired.length;
}

interface End {
  /** What stands for the hold from now on. */
  readonly amounts: Amounts;
  readonly status: Exclude<HoldStatus, 'open'>;
  readonly nowMs: number;
}

function finish(state: LedgerState, hold: HoldRecord | undefined, { amounts, status, nowMs }: End): SettleAnswer {
  if (hold === undefined) {
    return 'unknown';
  }
  if (hold.status === 'settled' || hold.status === 'cancelled') {
    return 'ended';
  }
  const isOpen = hold.status === 'open';
  for (const place of hold.places) {
    change(state, place, correctionOf(place, hold, amounts), nowMs);
  }
  // An open hold is on no line of the statement yet; an expired one is, with what it held.
  const spent = isOpen ? amounts : difference(amounts, hold.amounts);
  if (spent.requests !== 0 || spent.tokens !== 0 || spent.nanoUsd !== 0) {
    state.addSpending(hold.day, hold.account, spent);
  }
  if (status === 'expired') {
    state.putHold({ ...hold, status, forgetMs: nowMs + expiredKeptMs });
  } else {
    state.putHold({ ...hold, status, amounts, places: [], forgetMs: nowMs + endedKeptMs });
  }
  return 'settled';
}

/** From what a hold has taken to what stands for it from now on. */
function correctionOf(place: Place, { status, amounts: held }: HoldRecord, amounts: Amounts): Change {
  const isOpen = status === 'open';
  if (place.kind === 'concurrent') {
    return { amount: isOpen ? -1 : 0, pending: 0 };
  }
  const share = shareOf(place, held);
  return { amount: shareOf(place, amounts) - share, pending: isOpen ? -share : 0 };
}

const difference = (left: Amounts, right: Amounts): Amounts => ({
  requests: left.requests - right.requests,
  tokens: left.tokens - right.tokens,
  nanoUsd: left.nanoUsd - right.nanoUsd,
});

/** Counters as they stand; undefined for a budget that has no period around now. */
export const usage = (
  state: Pick<LedgerState, 'counter'>,
  counters: readonly Counter[],
  nowMs: number,
): readonly (Standing | undefined)[] =>
  counters.map((counter) => {
    const place = placeOf(counter, nowMs);
    const kept = place && state.counter(place.key);
    return place && { used: usedOf(place, kept, nowMs), pending: pendingOf(kept) };
  });

interface Standing {
  readonly used: number;
  /** Of `used`, what open holds have reserved of a budget; 0 for other kinds. */
  readonly pending: number;
}
