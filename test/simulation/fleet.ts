import type { Ledger } from '../../src/ports/ledger.ts';
import { openHandle, type Weather } from './faulty-store.ts';
import { openMemoryJournal, type MemoryJournal } from './memory-journal.ts';
import type { Random } from './random.ts';
import { startSidecar, type Sidecar } from './sidecar.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { World } from './world.ts';

/** Sidecars that share one store, each with its own way to it and its own clock. */
export interface Fleet {
  alive(): readonly Sidecar[];
  /** The process that made a hold's id; also one that is gone. */
  find(holdId: string): Sidecar | undefined;
  /** Starts those again that are gone; each is a new process. */
  restart(): void;
  /** When a sidecar last got no answer in order; undefined = never. */
  troubledAtMs(sidecar: Sidecar): number | undefined;
  /** Puts a sidecar's clock right, nearly: the store's clock has gone ahead of the time since the beginning by so much. */
  adjustClock(sidecar: Sidecar, aheadMs: number): void;
  /** Questions on their way by which a hold may yet begin, or last longer. */
  inFlight(): number;
}

export interface FleetFacts {
  readonly world: World;
  readonly store: Ledger;
  readonly weather: Weather;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly startMs: number;
  readonly onBroken: (error: unknown) => void;
}

/** Where one process follows another. */
interface Place {
  readonly journal: MemoryJournal | undefined;
  sidecar: Sidecar;
}

const sidecars = 4;
const clockErrorMs = 3_000;

export function openFleet({ world, store, weather, time, random, startMs, onBroken }: FleetFacts): Fleet {
  const all = new Map<string, Sidecar>();
  const aheadMs = new Map<string, number>();
  const troubledAtMs = new Map<string, number>();
  let flights = 0;
  let aheadNowMs = 0;

  const adjust = (name: string): void => {
    aheadMs.set(name, aheadNowMs + random.between(-clockErrorMs, clockErrorMs));
  };
  const start = (journal: MemoryJournal | undefined): Sidecar => {
    const name = `sidecar${String(all.size + 1)}`;
    adjust(name);
    const handle = openHandle({
      name,
      store,
      weather,
      time,
      random,
      onTrouble: () => troubledAtMs.set(name, time.nowMs()),
      onFlight: (change) => {
        flights += change;
      },
      onBroken,
    });
    const clock = (): number => startMs + time.nowMs() + (aheadMs.get(name) ?? 0);
    const sidecar = startSidecar({ name, settings: world.settings, handle, clock, journal });
    all.set(name, sidecar);
    return sidecar;
  };
  const places: readonly Place[] = Array.from({ length: sidecars }, () => {
    const journal = world.hasJournals ? openMemoryJournal() : undefined;
    return { journal, sidecar: start(journal) };
  });
  return {
    alive: () => places.map(({ sidecar }) => sidecar).filter((sidecar) => sidecar.isAlive()),
    find: (holdId) => all.get(holdId.slice(0, holdId.indexOf('-'))),
    restart: () => {
      for (const place of places) {
        if (!place.sidecar.isAlive()) {
          place.sidecar = start(place.journal);
        }
      }
    },
    troubledAtMs: ({ name }) => troubledAtMs.get(name),
    adjustClock: ({ name }, ms) => {
      aheadNowMs = ms;
      adjust(name);
    },
    inFlight: () => flights,
  };
}
