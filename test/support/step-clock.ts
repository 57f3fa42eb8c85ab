/**
 * Preloaded into a sidecar (`--import`): each SIGUSR2 puts its monotonic clock forward by STEP_CLOCK_MS. The wall clock stays as it is,
 * so keys of issuers age and tokens do not.
 */
const stepMs = Number(process.env['STEP_CLOCK_MS']);
const now = performance.now.bind(performance);
let aheadMs = 0;

process.on('SIGUSR2', () => {
  aheadMs += stepMs;
});
performance.now = () => now() + aheadMs;
