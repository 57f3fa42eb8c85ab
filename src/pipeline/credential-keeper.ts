import type { Clock } from '../core/clock.ts';
import {
  absentCredential,
  advance,
  judgeCredential,
  nextChangeMs,
  type CredentialEvent,
  type CredentialJudgement,
  type CredentialPhase,
} from '../policy/credential-state.ts';
import { openRefresh, type RefreshOptions } from './credential-refresh.ts';

export interface CredentialChange {
  readonly phase: CredentialPhase;
  /** Code of the last attempt, where it failed. */
  readonly failure: string | undefined;
  /** True where another version is served than before, or none; false where only the phase or the failure changed. */
  readonly served: boolean;
}

export interface KeeperOptions extends RefreshOptions {
  readonly overlapMs: number;
  readonly clock: Clock;
  readonly changed: (change: CredentialChange) => void;
}

export interface CredentialKeeper {
  judge(): CredentialJudgement;
  failure(): string | undefined;
  /** Milliseconds since the store last answered; undefined = never. */
  ageMs(): number | undefined;
  apply(event: CredentialEvent): void;
  /** As `Refresh.ask`. */
  refresh(): Promise<void>;
  close(): void;
}

/** Timers hold 32 bits; a later moment is reached in steps. */
const timerMsMax = 2 ** 31 - 1;

/** One credential: its state, the attempts that feed it, and a timer for what changes by time alone. */
export function openKeeper(options: KeeperOptions): CredentialKeeper {
  const { clock } = options;
  const limits = { maxStaleMs: options.maxStaleMs, overlapMs: options.overlapMs };
  let state = absentCredential;
  let shown = { ...judgeCredential(state, clock(), limits), failure: state.failure };
  let cancelTick: (() => void) | undefined;
  let closed = false;

  const judge = (): CredentialJudgement => judgeCredential(state, clock(), limits);

  const scheduleTick = (): void => {
    cancelTick?.();
    const moment = closed ? undefined : nextChangeMs(state, clock(), limits);
    cancelTick = moment === undefined ? undefined : options.schedule(Math.min(moment - clock(), timerMsMax), show);
  };

  const show = (): void => {
    const now = { ...judge(), failure: state.failure };
    const served = now.served?.version !== shown.served?.version;
    const differs = served || now.phase !== shown.phase || now.failure !== shown.failure;
    shown = now;
    scheduleTick();
    if (differs) {
      options.changed({ phase: now.phase, failure: now.failure, served });
    }
  };

  const apply = (event: CredentialEvent): void => {
    state = advance(state, event, clock(), limits);
    show();
  };

  const refresh = openRefresh(options, apply);

  return {
    judge,
    failure: () => state.failure,
    ageMs: () => (state.answeredAtMs === undefined ? undefined : Math.max(0, clock() - state.answeredAtMs)),
    apply,
    refresh: () => refresh.ask(),
    close: () => {
      closed = true;
      cancelTick?.();
      refresh.close();
    },
  };
}
