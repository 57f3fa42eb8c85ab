import { must, never } from '../assert.ts';
import type { Amounts, Counter, LimitKind } from '../limit.ts';
import type { CounterState, Place } from './hold.ts';
import { addToBucket, bounded, bucketAt, bucketEndsMs, liveBuckets, roomAfterMs, sumOf } from './window.ts';

/** A place becomes free when somebody else's exchange ends: nobody knows when. */
export const slotRetryMs = 1_000;

/** A budget is looked at for this long after its period. */
export const budgetKeptMs = 40 * 86_400_000;

/** Where a hold of now is charged; undefined where a budget has no period around now: the clocks of store and sidecar disagree. */
export function placeOf(counter: Counter, nowMs: number): Place | undefined {
  switch (counter.kind) {
    case 'requests':
    case 'tokens': {
      const { kind, key, windowMs } = counter;
      return { kind, key, windowMs, bucket: bucketAt(nowMs, windowMs) };
    }
    case 'concurrent':
      return { kind: counter.kind, key: counter.key };
    case 'budget': {
      const period = counter.periods.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
      return period && { kind: counter.kind, key: `${counter.key}|${period.id}`, toMs: period.toMs };
    }
    default:
      return never(counter);
  }
}

const shares = {
  requests: ({ requests }) => requests,
  tokens: ({ tokens }) => tokens,
  concurrent: () => 1,
  budget: ({ nanoUsd }) => nanoUsd,
} as const satisfies Record<LimitKind, (amounts: Amounts) => number>;

/** What a place takes of an exchange's amounts. */
export const shareOf = ({ kind }: Pick<Place, 'kind'>, amounts: Amounts): number => shares[kind](amounts);

const nothing = {
  window: { kind: 'window', buckets: [] },
  slots: { kind: 'slots', inUse: 0 },
  budget: { kind: 'budget', used: 0, pending: 0 },
} as const;

type StateOf<Kind extends CounterState['kind']> = Extract<CounterState, { readonly kind: Kind }>;

const isKind = <Kind extends CounterState['kind']>(state: CounterState, kind: Kind): state is StateOf<Kind> => state.kind === kind;

/** A counter that is not known holds nothing; one of another kind must not be taken for an empty one. */
function keptAs<Kind extends CounterState['kind']>(kind: Kind, state: CounterState = nothing[kind]): StateOf<Kind> {
  must(isKind(state, kind), `a counter keeps its kind, which its key names: ${kind}`);
  return state;
}

/** How much of a counter is taken at `nowMs`. */
export function usedOf(place: Place, state: CounterState | undefined, nowMs: number): number {
  switch (place.kind) {
    case 'requests':
    case 'tokens':
      return sumOf(liveBuckets(keptAs('window', state).buckets, nowMs, place.windowMs));
    case 'concurrent':
      return keptAs('slots', state).inUse;
    case 'budget': {
      const { used, pending } = keptAs('budget', state);
      return used + pending;
    }
    default:
      return never(place);
  }
}

/** Of what is taken of a budget, the part that open holds have reserved; 0 for other kinds. */
export const pendingOf = (state: CounterState | undefined): number => (state?.kind === 'budget' ? state.pending : 0);

/** What others only hold may be free again as soon as a place is: most of a hold is never used. */
const budgetAfterMs = (isOnlyHeld: boolean, periodLeftMs: number): number =>
  isOnlyHeld ? Math.min(slotRetryMs, periodLeftMs) : periodLeftMs;

/** Milliseconds until `amount` fits into a counter that has no room for it now; undefined where it never does. */
export function retryAfterMs(
  place: Place,
  state: CounterState | undefined,
  { amount, limit, nowMs }: { readonly amount: number; readonly limit: number; readonly nowMs: number },
): number | undefined {
  switch (place.kind) {
    case 'requests':
    case 'tokens': {
      const { windowMs } = place;
      return roomAfterMs(liveBuckets(keptAs('window', state).buckets, nowMs, windowMs), { amount, limit, nowMs, windowMs });
    }
    case 'concurrent':
      return amount > limit ? undefined : slotRetryMs;
    case 'budget':
      return amount > limit ? undefined : budgetAfterMs(keptAs('budget', state).used + amount <= limit, place.toMs - nowMs);
    default:
      return never(place);
  }
}

/** A change of what one counter holds for one exchange. */
export interface Change {
  /** Of what stands in the counter. */
  readonly amount: number;
  /** Of the part of a budget that is only reserved; `amount` includes it. */
  readonly pending: number;
}

export interface Kept {
  readonly state: CounterState;
  /** From then on it need not be known. */
  readonly forgetMs: number;
}

/** The counter after a change; undefined where nothing changes, or too late to matter. */
export function changed(place: Place, state: CounterState | undefined, { amount, pending }: Change, nowMs: number): Kept | undefined {
  switch (place.kind) {
    case 'requests':
    case 'tokens':
      return amount === 0 ? undefined : windowAfter(place, state, amount, nowMs);
    case 'concurrent':
      return amount === 0 ? undefined : slotsAfter(keptAs('slots', state).inUse + amount, nowMs);
    case 'budget': {
      const before = keptAs('budget', state);
      const after = { used: bounded(before.used + amount - pending), pending: bounded(before.pending + pending) };
      const isSame = amount === 0 && pending === 0;
      return isSame ? undefined : { state: { kind: 'budget', ...after }, forgetMs: place.toMs + budgetKeptMs };
    }
    default:
      return never(place);
  }
}

type WindowPlace = Extract<Place, { readonly bucket: number }>;

function windowAfter({ bucket, windowMs }: WindowPlace, state: CounterState | undefined, amount: number, nowMs: number): Kept | undefined {
  if (bucketEndsMs(bucket, windowMs) <= nowMs) {
    return undefined;
  }
  const buckets = addToBucket(liveBuckets(keptAs('window', state).buckets, nowMs, windowMs), bucket, amount);
  return { state: { kind: 'window', buckets }, forgetMs: bucketEndsMs(buckets.at(-1)?.[0] ?? bucket, windowMs) };
}

/** A place in use is known until its hold ends, however long nobody looks; free ones of addresses are too many to keep. */
function slotsAfter(inUse: number, nowMs: number): Kept {
  return { state: { kind: 'slots', inUse: bounded(inUse) }, forgetMs: inUse > 0 ? Number.MAX_SAFE_INTEGER : nowMs };
}
