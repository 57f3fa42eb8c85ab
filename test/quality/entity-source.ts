import type { Random } from './random.ts';

/** Where fresh labelled values of one entity come from. */
export interface EntitySource {
  readonly entity: string;
  /** A value that is one, written in one of its usual forms. */
  value(random: Random): string;
  /** What people call it, in the languages of the countries that have it. */
  readonly labels: readonly [string, ...string[]];
  /** True where nothing in the value says what it is: it then stands only where a label does. */
  readonly needsLabel?: boolean;
}

/** Tries check characters until one passes: nothing of the detectors' arithmetic is needed to make a valid value. */
export function complete(body: string, alphabet: string, passes: (value: string) => boolean): string | undefined {
  for (const character of alphabet) {
    if (passes(body + character)) {
      return body + character;
    }
  }
  return undefined;
}

/** Draws until something comes out: some bodies have no check character. */
export function draw(make: () => string | undefined): string {
  for (let attempt = 0; attempt < 10_000; attempt += 1) {
    const made = make();
    if (made !== undefined) {
      return made;
    }
  }
  throw new Error('nothing could be drawn: the generator asks for what cannot be');
}

/** `value` cut into groups of the given sizes. */
export function group(value: string, sizes: readonly number[], separator: string): string {
  const groups: string[] = [];
  let at = 0;
  for (const size of sizes) {
    groups.push(value.slice(at, at + size));
    at += size;
  }
  return [...groups, value.slice(at)].filter((part) => part !== '').join(separator);
}
