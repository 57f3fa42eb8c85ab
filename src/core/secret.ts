import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A value that can be used but not printed: template strings, JSON and `inspect` all show `[secret]`.
 * Only adapters and `wire/` call `reveal()`. JavaScript strings cannot be wiped from memory; a dropped secret lives until it is collected.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** True where nothing is left to use: an empty key must count as no key. */
  get empty(): boolean {
    return this.#value.length === 0;
  }

  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
