import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { startProcess } from '../support/process.ts';
import { endedChildrenMicros } from './processes.ts';

export interface Load {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly key: string;
  readonly body: string;
  readonly connections: number;
  readonly durationS: number;
  /** Where the script may be written. */
  readonly scriptFile: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that are no 2xx or 3xx, and connections, reads, writes and waits that failed. */
  readonly errors: number;
  /** Of wrk itself, user and system, microseconds. */
  readonly cpuMicros: number;
}

const program = 'wrk';
const answerTimeoutS = 10;
const graceMs = 15_000;

/** Throws an error that says how to get wrk where it is missing. */
export function requireWrk(): void {
  if (spawnSync(program, ['-v']).error !== undefined) {
    throw new Error(
      'needs the load generator wrk on the PATH: apt-get install wrk (Debian, Ubuntu), dnf install wrk (Fedora), brew install wrk (macOS), or build it from https://github.com/wg/wrk',
    );
  }
}

/** Loads a URL from one thread of wrk, without a pause, for a while. */
export async function runWrk(load: Load): Promise<LoadResult> {
  writeFileSync(load.scriptFile, script(load));
  const before = endedChildrenMicros();
  const run = await startProcess(
    program,
    [
      '--threads=1',
      `--connections=${String(load.connections)}`,
      `--duration=${String(load.durationS)}s`,
      `--timeout=${String(answerTimeoutS)}s`,
      `--script=${load.scriptFile}`,
      load.url,
    ],
    { name: program },
  );
  const line = await run.waitForLine(/^bench /u, load.durationS * 1_000 + graceMs);
  await run.exited;
  const [requests = 0, micros = 0, p50 = 0, p99 = 0, errors = 0] = line.split(' ').slice(1).map(Number);
  return {
    requests,
    seconds: micros / 1_000_000,
    p50Ms: p50 / 1_000,
    p99Ms: p99 / 1_000,
    errors,
    cpuMicros: endedChildrenMicros() - before,
  };
}

const script = ({ key, body }: Load): string => `
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${key}"
wrk.headers["user-agent"] = "sallyport-bench"
wrk.body = [==[${body}]==]
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("bench %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
`;
