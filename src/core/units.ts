const durationUnitsMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** `250ms`, `10s`, `5m`, `2h`, `90d` → milliseconds; undefined where the text is none of these. */
export function parseDurationMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : durationUnitsMs.get(unit);
  return amount === undefined || unitMs === undefined ? undefined : Number(amount) * unitMs;
}

const sizeUnitsBytes: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 1_024],
  ['MiB', 1_024 ** 2],
  ['GiB', 1_024 ** 3],
]);

/** `512B`, `64KiB`, `16MiB`, `1GiB` → bytes; undefined where the text is none of these. */
export function parseSizeBytes(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,9})(B|KiB|MiB|GiB)$/.exec(text) ?? [];
  const unitBytes = unit === undefined ? undefined : sizeUnitsBytes.get(unit);
  return amount === undefined || unitBytes === undefined ? undefined : Number(amount) * unitBytes;
}

/** Bytes in the largest unit that they are a whole number of: 16_777_216 → `16 MiB`. */
export function sizeText(bytes: number): string {
  const [unit, unitBytes] = [...sizeUnitsBytes].findLast(([, size]) => bytes >= size && bytes % size === 0) ?? ['B', 1];
  return `${String(bytes / unitBytes)} ${unit}`;
}
