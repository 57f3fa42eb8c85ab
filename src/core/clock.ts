/** Wall-clock time in milliseconds since the Unix epoch. Handed in, so that judgements stay pure and tests own the time. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
