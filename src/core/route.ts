const namePrefix = 'model-';

/** The longest silence is all that routes differ in, hence the name; the decision sets it as the route header. */
export const routeName = (firstByteMs: number): string => `${namePrefix}${String(firstByteMs)}`;

/** How Envoy's configuration lists a route of its own among its providers, whose names have no dot. */
export const routeVersionKey = (route: string): string => `route.${route}`;

const firstByteOf = (versionKey: string): number | undefined => {
  const prefix = routeVersionKey(namePrefix);
  return versionKey.startsWith(prefix) ? Number(versionKey.slice(prefix.length)) : undefined;
};

/**
 * The route that Envoy has for this one: itself, or between a change of the settings and that of Envoy's configuration the one
 * nearest to it. A route that Envoy lacks would end at the catch-all.
 */
export function availableRoute(route: string, envoyVersion: ReadonlyMap<string, string>): string {
  const wanted = routeVersionKey(route);
  if (envoyVersion.has(wanted)) {
    return route;
  }
  const wantedMs = firstByteOf(wanted) ?? 0;
  const [nearest] = [...envoyVersion.keys()]
    .flatMap((key) => firstByteOf(key) ?? [])
    .toSorted((left, right) => Math.abs(left - wantedMs) - Math.abs(right - wantedMs) || left - right);
  return nearest === undefined ? route : routeName(nearest);
}
