import { figuresOf, perRequest, type Cell } from './measure.ts';
import { growthMiBMax, type MemoryRun } from './memory.ts';
import type { Row } from './site.ts';

/** Sidecar CPU of a row at most this many times that of `noop`. */
const RATIOS_MAX: ReadonlyMap<Row, number> = new Map([
  ['scope', 1.3],
  ['limits', 1.6],
  ['limits-redis', 1.6],
  ['masking', 2],
]);

const columns = [
  'row',
  'chain',
  'c',
  'RPS',
  'p50 ms',
  'p99 ms',
  'Envoy µs',
  'sidecar µs',
  'RSS MiB',
  'errors',
  'wrk µs',
  'provider µs',
  'redis µs',
] as const;

/** CPU columns are microseconds per request. */
export function tableText(cells: readonly Cell[]): string {
  const rows = cells.map((cell): readonly string[] => {
    const figures = figuresOf(cell);
    const none = figures.row === 'envoy-alone' ? '-' : undefined;
    return [
      figures.row,
      figures.chain,
      String(figures.concurrency),
      figures.rps.toFixed(0),
      figures.p50Ms.toFixed(2),
      figures.p99Ms.toFixed(2),
      figures.envoyCpuUs.toFixed(0),
      none ?? figures.sidecarCpuUs.toFixed(0),
      none ?? figures.rssMb.toFixed(0),
      String(figures.errors),
      perRequest(cell, (sample) => sample.wrkMicros).toFixed(0),
      perRequest(cell, (sample) => sample.providerMicros).toFixed(0),
      figures.row === 'limits-redis' ? figures.redisCpuUs.toFixed(0) : '-',
    ];
  });
  return aligned([columns, ...rows]);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map((row) => row.map((text, index) => (index < 2 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0))).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

interface Ratio {
  readonly row: Row;
  readonly bar: number;
  readonly chain: string;
  readonly concurrency: number;
  readonly sidecar: number;
  readonly envoy: number;
  readonly rps: number;
}

function ratiosOf(cells: readonly Cell[]): readonly Ratio[] {
  return cells.flatMap((cell) => {
    const bar = RATIOS_MAX.get(cell.row);
    if (bar === undefined) {
      return [];
    }
    const noop = cells.find((other) => other.row === 'noop' && other.chain === cell.chain && other.concurrency === cell.concurrency);
    const [scoped, bare] = [figuresOf(cell), figuresOf(noop ?? cell)];
    const ratio: Ratio = {
      row: cell.row,
      bar,
      chain: cell.chain,
      concurrency: cell.concurrency,
      sidecar: scoped.sidecarCpuUs / bare.sidecarCpuUs,
      envoy: scoped.envoyCpuUs / bare.envoyCpuUs,
      rps: scoped.rps / bare.rps,
    };
    return [ratio];
  });
}

export const ratiosText = (cells: readonly Cell[]): string =>
  ratiosOf(cells)
    .map(
      ({ row, bar, chain, concurrency, sidecar, envoy, rps }) =>
        `${`${row}/noop`.padEnd(17)}  ${chain.padEnd(10)}  c=${String(concurrency).padEnd(2)}  sidecar CPU ${sidecar.toFixed(2)} (bar ${String(bar)})  Envoy CPU ${envoy.toFixed(2)}  RPS ${rps.toFixed(2)}\n`,
    )
    .join('');

export const memoryText = (memory: readonly (readonly [string, MemoryRun])[]): string =>
  memory
    .map(
      ([chain, { requests, firstMiB, lastMiB, growthMiB, errors }]) =>
        `memory      ${chain.padEnd(10)}  ${String(requests)} requests: ${firstMiB.toFixed(1)} -> ${lastMiB.toFixed(1)} MiB, ${growthMiB.toFixed(2)} MiB per 100,000 (bar ${String(growthMiBMax)}), ${String(errors)} errors\n`,
    )
    .join('');

/** What was promised and did not hold, one sentence each. */
export function barsMissed(cells: readonly Cell[], memory: readonly (readonly [string, MemoryRun])[]): readonly string[] {
  const slow = ratiosOf(cells)
    .filter(({ sidecar, bar }) => !(sidecar <= bar))
    .map(
      ({ row, bar, chain, concurrency, sidecar }) =>
        `sidecar CPU of ${row} is ${sidecar.toFixed(2)} times noop (${chain}, c=${String(concurrency)}); the bar is ${String(bar)}`,
    );
  const failed = cells
    .map(figuresOf)
    .filter(({ errors, rps }) => errors > 0 || rps === 0)
    .map(({ row, chain, concurrency, errors }) => `${String(errors)} errors in ${row} (${chain}, c=${String(concurrency)}); the bar is 0`);
  const growing = memory
    .filter(([, { growthMiB, errors }]) => growthMiB > growthMiBMax || errors > 0)
    .map(
      ([chain, { growthMiB, errors }]) =>
        `memory of scope (${chain}) grew ${growthMiB.toFixed(1)} MiB per 100,000 requests with ${String(errors)} errors; the bar is ${String(growthMiBMax)} and 0`,
    );
  return [...slow, ...failed, ...growing];
}
