import type { Caller } from '../../src/core/caller.ts';
import { applicableLimits } from '../../src/policy/limits/applicable.ts';
import { followAttempts } from './attempts.ts';
import { promised } from './check.ts';
import { exchangeOf, run, type Exchange } from './exchange.ts';
import type { Random } from './random.ts';
import { drawRequest } from './request.ts';
import type { Sidecar } from './sidecar.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { World } from './world.ts';

/** The clients and their exchanges. */
export interface Traffic {
  /** Somebody sends a request to this sidecar. */
  send(sidecar: Sidecar): void;
  find(holdId: string): Exchange | undefined;
  /** Requests of this sidecar that are being decided or answered. */
  count(sidecar: Sidecar): number;
  live(): readonly Exchange[];
  /** How often each outcome came about. */
  outcomes(): ReadonlyMap<string, number>;
}

export interface TrafficFacts {
  readonly world: World;
  readonly random: Random;
  readonly time: VirtualTime;
  readonly onBroken: (error: unknown) => void;
}

export function openTraffic({ world, random, time, onBroken }: TrafficFacts): Traffic {
  const counted = new Map<string, Exchange>();
  const live = new Set<Exchange>();
  const deciding = new Map<Sidecar, number>();
  const outcomes = new Map<string, number>();

  const note = (outcome: string): void => {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  };
  const decides = (sidecar: Sidecar, change: number): void => {
    deciding.set(sidecar, (deciding.get(sidecar) ?? 0) + change);
  };
  const exchange = async (sidecar: Sidecar): Promise<void> => {
    const caller = random.pick(world.callers);
    const leavesAtMs = random.chance(0.2) ? time.nowMs() + random.between(0, random.pick([30, 1_500, 30_000])) : Number.POSITIVE_INFINITY;
    decides(sidecar, 1);
    const outcome = await sidecar.decide(drawRequest(random, world.settings), caller, () => time.nowMs() >= leavesAtMs);
    decides(sidecar, -1);
    if (outcome.kind !== 'next') {
      note(outcome.kind === 'deny' ? outcome.denial.code : `fault ${outcome.fault.cause}`);
      const isOurs = outcome.kind === 'fault' && !['store', 'deadline'].includes(outcome.fault.cause);
      promised(!isOurs, 'only the store and time go wrong', () => outcome);
      return;
    }
    const released = exchangeOf(sidecar, outcome.found, caller);
    if (released.hold === undefined) {
      promised(mayPassUncounted(world, caller, outcome.found.model), 'only what every limit lets through passes uncounted', () => caller);
    } else {
      counted.set(released.hold.hold.id, released);
    }
    live.add(released);
    await run(released, { world, random, time, leavesAtMs }, followAttempts);
    live.delete(released);
    note(released.expected?.rule ?? 'killed');
  };

  return {
    send: (sidecar) => {
      exchange(sidecar).catch(onBroken);
    },
    find: (holdId) => counted.get(holdId),
    count: (sidecar) => (deciding.get(sidecar) ?? 0) + [...live].filter((each) => each.sidecar === sidecar).length,
    live: () => [...live],
    outcomes: () => outcomes,
  };
}

function mayPassUncounted({ settings }: World, caller: Caller, model: string): boolean {
  const { teams, teamOfClient, clients, tiers } = settings.access;
  const limits = applicableLimits(caller, model, { keyPolicy: undefined, teams, teamOfClient, clients, tiers }, settings.limits);
  return limits.every(({ rule }) => rule.storeAway === 'allow');
}
