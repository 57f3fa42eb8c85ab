import { describe, expect, it } from 'vitest';
import { availableRoute, routeName, routeVersionKey } from '../../../src/core/route.ts';

const envoyWith = (...firstByteMs: readonly number[]): ReadonlyMap<string, string> =>
  new Map([['openai', 'f00'], ...firstByteMs.map((ms): [string, string] => [routeVersionKey(routeName(ms)), '1'])]);

describe('the route that Envoy has', () => {
  it.each([
    { wanted: 5_000, has: [1_000, 5_000, 60_000], gives: 5_000 },
    { wanted: 5_000, has: [1_000, 60_000], gives: 1_000 },
    { wanted: 50_000, has: [1_000, 60_000], gives: 60_000 },
    { wanted: 2_000, has: [1_000, 3_000], gives: 1_000 },
    { wanted: 2_000, has: [3_000, 1_000], gives: 1_000 },
    // A configuration that does not list its routes is taken at its word.
    { wanted: 5_000, has: [], gives: 5_000 },
  ])('is $gives for $wanted where it has $has', ({ wanted, has, gives }) => {
    expect(availableRoute(routeName(wanted), envoyWith(...has))).toBe(routeName(gives));
  });
});
