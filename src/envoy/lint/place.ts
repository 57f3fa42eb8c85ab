/** A place in an Envoy configuration: what stands there, and where that is in words that a person finds again. */
export interface Place {
  readonly value: unknown;
  readonly path: string;
}

type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The place below `place` by field names; its value is undefined where there is none. */
export function at(place: Place, ...keys: readonly string[]): Place {
  return keys.reduce<Place>(
    ({ value, path }, key) => ({
      value: isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined,
      path: path === '' ? key : `${path}.${key}`,
    }),
    place,
  );
}

/** The members of a list, each called by its name where it has one. Nothing for anything that is not a list. */
export function items(place: Place): readonly Place[] {
  const list: readonly unknown[] = Array.isArray(place.value) ? place.value : [];
  return list.map((value, index) => ({ value, path: `${place.path}.${labelOf(value) ?? String(index)}` }));
}

/** The fields of a message or the entries of a map. */
export function fields(place: Place): readonly (readonly [string, Place])[] {
  return isFields(place.value) ? Object.keys(place.value).map((key) => [key, at(place, key)]) : [];
}

const labelOf = (value: unknown): string | undefined =>
  isFields(value) && typeof value['name'] === 'string' && value['name'] !== '' ? shortName(value['name']) : undefined;

/** `envoy.filters.http.ext_proc` is `ext_proc` to a reader. */
const shortName = (name: string): string => name.replace(/^envoy\.(?:filters\.(?:http|network|listener)|access_loggers)\./, '');

export const isPresent = (place: Place): boolean => place.value !== undefined && place.value !== null;

export const textOf = (place: Place): string | undefined => (typeof place.value === 'string' ? place.value : undefined);

/** True for everything that Envoy's YAML reader takes for true. */
export const isOn = (place: Place): boolean => place.value === true || /^(?:y|yes|true|on)$/i.test(textOf(place) ?? '');

/** A number; 64-bit ones are text in JSON. */
export function numberOf(place: Place): number | undefined {
  const number = typeof place.value === 'string' && place.value.trim() !== '' ? Number(place.value) : place.value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Milliseconds of a `google.protobuf.Duration` (`2s`, `0.25s`); undefined where there is none. */
export function durationMsOf(place: Place): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(textOf(place) ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

/** The name of an enum value, written as name or number; the first of `names` is the one that stands for absence. */
export function enumOf(place: Place, names: readonly string[]): string | undefined {
  const number = place.value === undefined || place.value === null ? 0 : numberOf(place);
  return number === undefined ? textOf(place) : names[number];
}

/** The list of texts at a place; members that are not text are left out. */
export const textsOf = (place: Place): readonly string[] => items(place).flatMap((item) => textOf(item) ?? []);

/** The message type of an extension's `typed_config`, without the address before it. */
export const typeOf = (place: Place): string => (textOf(at(place, '@type')) ?? '').replace(/^.*\//, '');

/** Every place at and below `place`, each with the field that it stands in. `skip` names values that are not entered. */
export function* walk(place: Place, skip: ReadonlySet<unknown> = new Set(), field = ''): Generator<Place & { readonly field: string }> {
  yield { ...place, field };
  const inside = isFields(place.value) ? fields(place) : items(place).map((item) => [field, item] as const);
  for (const [key, next] of inside) {
    if (!skip.has(next.value)) {
      yield* walk(next, skip, key);
    }
  }
}
