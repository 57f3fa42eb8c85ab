import { openCalendar } from '../../src/core/calendar.ts';
import type { Caller } from '../../src/core/caller.ts';
import { andThen, deny, next, type Outcome } from '../../src/core/outcome.ts';
import { decide, type Decision } from '../../src/pipeline/decide.ts';
import { openHolds, type Hold, type Holds } from '../../src/pipeline/holds.ts';
import type { DecisionSettings, Ports } from '../../src/pipeline/ports.ts';
import { runStage } from '../../src/pipeline/run-stage.ts';
import { bodiesHere, noGuards } from '../support/bodies.ts';
import type { GrantedHold } from '../../src/ports/journal.ts';
import type { StoreHandle } from './faulty-store.ts';
import type { MemoryJournal } from './memory-journal.ts';
import type { DrawnRequest } from './request.ts';
import { PROVIDERS } from './world.ts';

export interface Sidecar {
  readonly name: string;
  clock(): number;
  settings(): DecisionSettings;
  /** Its decision about a request; a hold whose request is not released is cancelled, as it is where `hasLeft` says so by then. */
  decide(request: DrawnRequest, caller: Caller, hasLeft: () => boolean): Promise<Outcome<Decision>>;
  open(): number;
  unacknowledged(): number;
  /** What its journal says of a hold, and how many ends it has that no store is known to have; nothing where there is no journal. */
  noted(holdId: string): GrantedHold | undefined;
  untold(): number;
  isAlive(): boolean;
  /** As by `kill -9`: nothing is said to anybody, and what it knew is gone. */
  kill(): void;
  /** An orderly end. */
  close(): Promise<void>;
}

export interface SidecarFacts {
  readonly name: string;
  readonly settings: DecisionSettings;
  readonly handle: StoreHandle;
  readonly clock: () => number;
  /** Undefined where nothing outlives the process. */
  readonly journal: MemoryJournal | undefined;
}

const closeMs = 20_000;
const envoyProviders: ReadonlyMap<string, string> = new Map(PROVIDERS.map((name) => [name, name]));

export function startSidecar({ name, settings, handle, clock, journal }: SidecarFacts): Sidecar {
  let isAlive = true;
  let ids = 0;
  const holds = openHolds({
    ledger: handle.ledger,
    ...(journal === undefined ? {} : { journal }),
    telemetry: { hold: () => undefined, limitReached: () => undefined },
    newId: () => `${name}-${String((ids += 1))}`,
  });
  const ports = portsOf(settings, holds, clock);
  return {
    name,
    clock,
    settings: () => settings,
    async decide(request, caller, hasLeft) {
      let hold: Hold | undefined;
      const { endpoint, bytes } = request;
      const opened = { kind: 'await-body', caller, endpoint, path: endpoint.path, unforwarded: [] } as const;
      const outcome = await runStage('decide', clock, settings.stageMsMax, () =>
        andThen(
          decide(ports, opened, bytes, envoyProviders, () => undefined),
          (decision) => {
            hold = decision.hold?.hold;
            return next(decision);
          },
        ),
      );
      if (outcome.kind === 'next' && !hasLeft()) {
        return outcome;
      }
      hold?.cancel();
      return outcome.kind === 'next' ? deny('request_invalid', 'the client left') : outcome;
    },
    open: () => holds.open(),
    unacknowledged: () => holds.unacknowledged(),
    noted: (holdId) => journal?.find(holdId),
    untold: () => journal?.unacknowledged().size ?? 0,
    isAlive: () => isAlive,
    kill: () => {
      isAlive = false;
      handle.kill();
      // Stops its timers; it could not say anything any more.
      void holds.close(0);
    },
    close: () => holds.close(closeMs),
  };
}

const portsOf = (settings: DecisionSettings, holds: Holds, clock: () => number): Ports => ({
  clock,
  settings: () => settings,
  keys: { find: () => undefined, blocks: () => [] },
  tokens: { count: () => Promise.resolve(undefined) },
  approvals: { approvals: () => [] },
  tokenKeys: { verify: () => Promise.resolve('invalid'), readiness: () => new Map() },
  credentials: { served: () => undefined, reject: () => undefined },
  ...bodiesHere,
  guards: noGuards,
  seals: { seal: () => deny('credential_missing'), open: () => deny('credential_missing') },
  holds,
  calendar: openCalendar(),
});
