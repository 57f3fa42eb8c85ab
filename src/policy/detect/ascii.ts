/** How many codes ASCII has. */
export const asciiCount = 128;

/** The ASCII codes of a class: what stands between its brackets. */
export function codesOf(chars: string): readonly number[] {
  const one = new RegExp(`[${chars}]`);
  return Array.from({ length: asciiCount }, (_, code) => code).filter((code) => one.test(String.fromCharCode(code)));
}

/** By ASCII code, 1 for what the class has. */
export function tableOf(chars: string): Uint8Array {
  const table = new Uint8Array(asciiCount);
  for (const code of codesOf(chars)) {
    table[code] = 1;
  }
  return table;
}

/**
 * Asks a table by ASCII code; 0 beyond it. `NaN`, the code of what lies beyond a text, is no place of a table, and to ask for it would make every
 * question slow.
 */
export const entryOf = (table: Uint8Array, code: number): number => (code < asciiCount ? (table[code] ?? 0) : 0);
