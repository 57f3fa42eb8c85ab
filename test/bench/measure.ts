import { chatRequest, MODEL } from './chat.ts';
import { cpuMicros, residentMiB } from './processes.ts';
import type { BenchProvider, Chain, Row, Site } from './site.ts';
import { runWrk } from './wrk.ts';

/** What one burst of load cost. */
export interface Sample {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  /** Microseconds of each process, user and system. */
  readonly envoyMicros: number;
  readonly sidecarMicros: number;
  readonly wrkMicros: number;
  readonly providerMicros: number;
  /** Of the Redis that keeps the holds; 0 where none does. */
  readonly redisMicros: number;
  /** Of the sidecar afterwards. */
  readonly residentMiB: number;
}

/** One place of the table: all bursts of one row, chain and concurrency. */
export interface Cell {
  readonly row: Row;
  readonly chain: Chain | 'none';
  readonly concurrency: number;
  readonly samples: readonly Sample[];
}

export const SUITE = 'chat-1k';

/** A line of `--json`. Names are stable: later suites and rows are added, none is renamed. */
export interface Figures {
  readonly suite: string;
  readonly row: string;
  readonly chain: string;
  readonly concurrency: number;
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Per request, microseconds. */
  readonly envoyCpuUs: number;
  /** Per request, microseconds; 0 where there is no sidecar. */
  readonly sidecarCpuUs: number;
  /** Resident memory of the sidecar after the last burst, MiB; 0 where there is no sidecar. */
  readonly rssMb: number;
  /** Per request, microseconds; 0 where no Redis is asked. */
  readonly redisCpuUs: number;
  readonly errors: number;
}

/** Loads one site for a while and reads from the OS what that cost. */
export async function burst(site: Site, provider: BenchProvider, connections: number, durationS: number): Promise<Sample> {
  const cpu = (): readonly number[] => [
    cpuMicros(site.envoy.pid),
    site.sidecarPid === undefined ? 0 : cpuMicros(site.sidecarPid),
    cpuMicros(provider.pid),
    site.redisPid === undefined ? 0 : cpuMicros(site.redisPid),
  ];
  const before = cpu();
  const load = await runWrk({
    url: site.url,
    key: site.key,
    body: chatRequest(MODEL),
    connections,
    durationS,
    scriptFile: site.directory.file('load.lua'),
  });
  const [envoyMicros = 0, sidecarMicros = 0, providerMicros = 0, redisMicros = 0] = cpu().map(
    (micros, index) => micros - (before[index] ?? 0),
  );
  const { requests, seconds, p50Ms, p99Ms, errors } = load;
  return {
    requests,
    seconds,
    p50Ms,
    p99Ms,
    errors,
    envoyMicros,
    sidecarMicros,
    providerMicros,
    redisMicros,
    wrkMicros: load.cpuMicros,
    residentMiB: site.sidecarPid === undefined ? 0 : residentMiB(site.sidecarPid),
  };
}

export const sum = (samples: readonly Sample[], fact: (sample: Sample) => number): number =>
  samples.reduce((total, sample) => total + fact(sample), 0);

/** Microseconds per request over all bursts of a cell. */
export const perRequest = ({ samples }: Cell, fact: (sample: Sample) => number): number =>
  sum(samples, fact) /
  Math.max(
    1,
    sum(samples, (sample) => sample.requests),
  );

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

export function figuresOf(cell: Cell): Figures {
  const { row, chain, concurrency, samples } = cell;
  const requests = sum(samples, (sample) => sample.requests);
  return {
    suite: SUITE,
    row,
    chain,
    concurrency,
    rps: rounded(requests / sum(samples, (sample) => sample.seconds), 1),
    p50Ms: rounded(median(samples.map((sample) => sample.p50Ms)), 3),
    p99Ms: rounded(median(samples.map((sample) => sample.p99Ms)), 3),
    envoyCpuUs: rounded(
      perRequest(cell, (sample) => sample.envoyMicros),
      1,
    ),
    sidecarCpuUs: rounded(
      perRequest(cell, (sample) => sample.sidecarMicros),
      1,
    ),
    redisCpuUs: rounded(
      perRequest(cell, (sample) => sample.redisMicros),
      1,
    ),
    rssMb: rounded(samples.at(-1)?.residentMiB ?? 0, 1),
    errors: sum(samples, (sample) => sample.errors),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
