/** A store is believed to be well only this long after the question that confirmed it was asked. */
export const freshMsMax = 1_000;

const pulseIntervalMs = 500;

/** One pulse at a time: behind a stalled disk they would queue up. A failed one shows as a store that is no longer fresh. */
export function startPulse(pulse: (deadlineMs: number) => Promise<unknown>): () => void {
  let isBusy = false;
  const done = (): void => {
    isBusy = false;
  };
  const timer = setInterval(() => {
    if (!isBusy) {
      isBusy = true;
      // A later answer could not make anything fresh.
      pulse(freshMsMax).then(done, done);
    }
  }, pulseIntervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
