import { burst, type Sample } from './measure.ts';
import type { BenchProvider, Site } from './site.ts';

/** Resident memory of a sidecar over many requests. */
export interface MemoryRun {
  readonly requests: number;
  readonly errors: number;
  readonly firstMiB: number;
  readonly lastMiB: number;
  /** Least squares over the samples, MiB per 100,000 requests. */
  readonly growthMiB: number;
}

export const MEMORY_REQUESTS = 100_000;
/** A leak of 100 bytes a request would show as 10 MiB. What V8 keeps back for a while moves by less. */
export const growthMiBMax = 8;

const concurrency = 16;
const burstS = 2;
const perRequests = 100_000;

/** Loads a site until it has answered `requests`, and looks at the sidecar's memory after every burst. */
export async function watchMemory(site: Site, provider: BenchProvider, requests: number): Promise<MemoryRun> {
  const points: { readonly done: number; readonly sample: Sample }[] = [];
  let done = 0;
  while (done < requests) {
    const sample = await burst(site, provider, concurrency, burstS);
    if (sample.requests === 0) {
      throw new Error(`no answer at all from ${site.row} (${site.chain})`);
    }
    done += sample.requests;
    points.push({ done, sample });
  }
  return {
    requests: done,
    errors: points.reduce((total, { sample }) => total + sample.errors, 0),
    firstMiB: points[0]?.sample.residentMiB ?? 0,
    lastMiB: points.at(-1)?.sample.residentMiB ?? 0,
    growthMiB: slope(points.map(({ done: x, sample }) => [x, sample.residentMiB])) * perRequests,
  };
}

const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;

function slope(points: readonly (readonly [number, number])[]): number {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const covariance = points.reduce((total, [x, y]) => total + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((total, [x]) => total + (x - meanX) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}
