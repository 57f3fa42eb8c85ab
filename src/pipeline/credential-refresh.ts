import type { CredentialEvent } from '../policy/credential-state.ts';
import { SecretError, type SecretReference, type SecretSource } from '../ports/secret-source.ts';

/** Runs `run` once after `delayMs`, unless the function it returns was called before. */
export type Schedule = (delayMs: number, run: () => void) => () => void;

export interface RefreshOptions {
  readonly reference: SecretReference;
  readonly source: SecretSource;
  readonly refreshMs: number;
  /** At least two attempts fall within this time. */
  readonly maxStaleMs: number;
  readonly fetchTimeoutMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly schedule: Schedule;
}

export interface Refresh {
  /** Asks the store, or joins the attempt that is under way; resolves after `arrived` has run. */
  ask(): Promise<void>;
  close(): void;
}

interface Flight {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

const retryMsMin = 1_000;
const retryMsMax = 60_000;
const jitter = 0.2;

/** Asks for one secret again and again: one attempt at a time, steady while it succeeds, backing off while it does not. */
export function openRefresh(options: RefreshOptions, arrived: (event: CredentialEvent) => void): Refresh {
  let failures = 0;
  let flight: Flight | undefined;
  let cancelNext: (() => void) | undefined;
  let closed = false;

  const attempt = async (abort: AbortController): Promise<void> => {
    const event = await fetchEvent(options, abort);
    flight = undefined;
    if (closed) {
      return;
    }
    failures = event.kind === 'fetch_failed' ? failures + 1 : 0;
    // Before anyone hears of it: a listener that throws must not end the refreshing.
    cancelNext = options.schedule(nextDelayMs(options, failures), () => void ask());
    arrived(event);
  };

  const ask = (): Promise<void> => {
    if (flight === undefined && !closed) {
      cancelNext?.();
      const abort = new AbortController();
      flight = { abort, done: attempt(abort) };
    }
    return flight?.done ?? Promise.resolve();
  };

  return {
    ask,
    close: () => {
      closed = true;
      cancelNext?.();
      flight?.abort.abort();
    },
  };
}

function nextDelayMs(options: RefreshOptions, failures: number): number {
  const steadyMs = Math.min(options.refreshMs, options.maxStaleMs / 2);
  const backoffMs = Math.min(retryMsMin * 2 ** Math.min(failures - 1, 16), retryMsMax, steadyMs);
  return (failures === 0 ? steadyMs : backoffMs) * (1 - jitter + 2 * jitter * options.random());
}

/** One attempt as an event. The time limit holds even for a source that ignores its signal. */
function fetchEvent(options: RefreshOptions, abort: AbortController): Promise<CredentialEvent> {
  return new Promise((resolve) => {
    const fail = (code: string): void => {
      resolve({ kind: 'fetch_failed', code });
    };
    const cancel = options.schedule(options.fetchTimeoutMs, () => {
      abort.abort();
    });
    abort.signal.addEventListener('abort', () => {
      fail('timeout');
    });
    void fetchUsable(options, abort.signal)
      .then(resolve, (error: unknown) => {
        fail(error instanceof SecretError ? error.code : 'internal');
      })
      .finally(cancel);
  });
}

async function fetchUsable(options: RefreshOptions, signal: AbortSignal): Promise<CredentialEvent> {
  const answer = await options.source.fetch(options.reference, signal);
  if (answer.kind === 'found' && answer.current.value.empty) {
    throw new SecretError('bad_value', 'empty');
  }
  return answer;
}
