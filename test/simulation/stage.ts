import { leaseMs } from '../../src/pipeline/holds.ts';
import { openMemoryLedger, type MemoryLedger } from '../support/memory-ledger.ts';
import { compareBills } from './bills.ts';
import { promised } from './check.ts';
import { compare } from './compare.ts';
import { isSameHold, type Entry } from './entries.ts';
import type { Weather } from './faulty-store.ts';
import { openFleet, type Fleet } from './fleet.ts';
import { openRandom, type Random } from './random.ts';
import { openReference, type Reference } from './reference.ts';
import { openTraffic, type Traffic } from './traffic.ts';
import { inVirtualTime, type VirtualTime } from './virtual-time.ts';
import { drawWorld, type World } from './world.ts';

/** When days end, and some weeks and months: in UTC, in India, and in Germany before the day of 25 hours. */
const EDGES = ['2026-11-30T00:00:00Z', '2026-12-01T00:00:00Z', '2026-11-29T18:30:00Z', '2026-10-24T22:00:00Z'] as const;
const edgeWithinMs = 200_000;
/** Without a heartbeat for so long a lease may run out. */
const excuseMs = leaseMs + 15_000;

/** Everything that one run consists of. */
export interface Stage {
  readonly random: Random;
  readonly time: VirtualTime;
  readonly world: World;
  readonly weather: Weather;
  readonly fleet: Fleet;
  readonly traffic: Traffic;
  readonly reference: Reference;
  /** How far the store's clock has gone ahead of the time that passed. */
  readonly aheadMs: () => number;
  /** The store's clock goes ahead at once. */
  jump(ms: number): void;
  /** Looks at every promise that holds at any time. Throws the first one that was broken since. */
  readonly look: () => Promise<void>;
  /** Leases that ran out. */
  lapses(): number;
}

export function onStage<Result>(seed: number, play: (stage: Stage) => Promise<Result>): Promise<Result> {
  const random = openRandom(seed);
  const startMs = Date.parse(random.pick(EDGES)) - random.between(0, edgeWithinMs);
  const memory = openMemoryLedger(startMs);
  return inVirtualTime(
    random,
    (ms) => memory.advance(ms),
    (time) => play(openStage(random, time, memory, startMs)),
  );
}

function openStage(random: Random, time: VirtualTime, memory: MemoryLedger, startMs: number): Stage {
  const broken: unknown[] = [];
  const onBroken = (error: unknown): void => {
    broken.push(error);
  };
  const weather: Weather = { hangsUntilMs: 0, roughUntilMs: 0, faultChance: random.fraction() * 0.7, cutOff: { name: '', untilMs: 0 } };
  const world = drawWorld(random, startMs);
  const store = memory.open();
  let jumpedAtMs = Number.NEGATIVE_INFINITY;
  let lapses = 0;

  const onLapse = ({ id, isForgotten }: Entry): void => {
    lapses += 1;
    const sidecar = fleet.find(id);
    const troubledAtMs = sidecar && fleet.troubledAtMs(sidecar);
    const isUnrenewed = isForgotten || sidecar?.isAlive() !== true;
    const isExcused = isUnrenewed || time.nowMs() - Math.max(jumpedAtMs, troubledAtMs ?? jumpedAtMs) < excuseMs;
    promised(isExcused, 'a lease runs out only where its sidecar is gone or could not renew it', () => id);
  };
  const reference = openReference(store, memory.nowMs, onLapse);
  const fleet = openFleet({ world, store: reference.store, weather, time, random, startMs, onBroken });
  const traffic = openTraffic({ world, random, time, onBroken });
  return {
    random,
    time,
    world,
    weather,
    fleet,
    traffic,
    reference,
    aheadMs: () => memory.nowMs() - startMs - time.nowMs(),
    jump: (ms) => {
      memory.advance(ms);
      jumpedAtMs = time.nowMs();
    },
    look: async () => {
      if (broken.length > 0) {
        throw broken[0];
      }
      await compare(store, reference, memory.nowMs());
      compareBills(reference, (id) => traffic.find(id));
      for (const { sidecar, hold } of traffic.live()) {
        if (hold !== undefined && sidecar.isAlive()) {
          const { id } = hold.hold;
          const entry = reference.find(id);
          promised(entry !== undefined && entry.state !== 'over', 'a hold stands as long as its exchange', () => id);
          const isNoted = !world.hasJournals || isSameHold(sidecar.noted(id), entry);
          promised(isNoted, 'what is released is in the journal, as the store has it', () => [sidecar.noted(id), entry]);
        }
      }
      for (const sidecar of fleet.alive()) {
        const open = reference
          .entries()
          .filter(({ id, state, isForgotten }) => state === 'open' && !isForgotten && fleet.find(id) === sidecar);
        const known = traffic.count(sidecar) + sidecar.unacknowledged();
        promised(open.length <= known, 'a hold stands only as long as its exchange', () => [sidecar.name, open.length, known]);
        const isTrue = !world.hasJournals || sidecar.untold() === sidecar.unacknowledged();
        promised(isTrue, 'the journal has each end until the store knows it, and no longer', () => [sidecar.name, sidecar.untold()]);
      }
    },
    lapses: () => lapses,
  };
}
