import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { ledgerBarsMissed, ledgersText, measureLedgers, type LedgerRun } from './ledger.ts';
import { detectBarsMissed, detectText, measureDetection, type DetectRun } from './detect.ts';
import { burst, figuresOf, type Cell, type Figures, type Sample } from './measure.ts';
import { MEMORY_REQUESTS, watchMemory, type MemoryRun } from './memory.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { barsMissed, memoryText, ratiosText, tableText } from './report.ts';
import { openSite, startProvider, type BenchProvider, type Chain, type Row, type Site } from './site.ts';
import { requireWrk } from './wrk.ts';

const usage = `Usage: npm run bench -- [--json FILE] [--rows LIST] [--only detect] [--quick] [--help]

Measures Envoy alone, Envoy with a sidecar that decides nothing (noop) and Envoy with Sallyport (scope: virtual key, model
scope, key over SDS; limits: the same under limits at six levels, kept in a file; limits-redis: kept in Redis; masking: limits in a file, and
personal data and secrets looked for in both directions), in both chains, with 1 KiB chat requests and answers over TLS at 1, 16 and 64 connections.
All rows run at once and take turns, so that a noisy machine is noisy for all of them. Needs wrk.

  --json FILE   writes the figures as an array of objects
  --rows LIST   only these rows beside envoy-alone and noop: scope,limits,limits-redis,masking; the ledgers alone are measured too where
                limits are among them
  --only detect only what finding values in texts costs, without Envoy and wrk
  --quick       a tenth of the time; the figures are rough
  --help        prints this

Exit code: 0 where every bar is met, 1 where one is missed or the run could not be made.
`;

const ROWS: readonly Row[] = ['noop', 'scope', 'limits', 'limits-redis', 'masking'];
const CHAINS: readonly Chain[] = ['authz+proc', 'proc'];
const CONCURRENCIES: readonly number[] = [1, 16, 64];

interface Pace {
  readonly rounds: number;
  readonly burstS: number;
  readonly warmUpS: number;
  readonly memoryRequests: number;
  readonly ledgerMs: number;
}

/** Until nearly all that V8 compiles is compiled: after 10 seconds a tenth of the CPU of the larger rows was still that. */
const warmUpS = 30;
const fullPace: Pace = { rounds: 4, burstS: 6, warmUpS, memoryRequests: MEMORY_REQUESTS, ledgerMs: 4_000 };
const quickPace: Pace = { rounds: 1, burstS: 2, warmUpS: 2, memoryRequests: 10_000, ledgerMs: 500 };

const say = (text: string): void => {
  process.stderr.write(`bench: ${text}\n`);
};

async function openSites(provider: BenchProvider, redis: RedisServer, rows: readonly Row[]): Promise<readonly Site[]> {
  const sites: Site[] = [await openSite({ row: 'envoy-alone', chain: 'authz+proc', provider })];
  for (const chain of CHAINS) {
    for (const row of rows) {
      sites.push(await openSite({ row, chain, provider, redis }));
    }
  }
  return sites;
}

const nameOf = (site: Site, concurrency: number): string => `${site.row} ${site.chain} ${String(concurrency)}`;

/** Every site at every concurrency, in turns; each round starts with another site. */
async function measure(sites: readonly Site[], provider: BenchProvider, pace: Pace): Promise<readonly Cell[]> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const concurrency of CONCURRENCIES) {
      const shift = round % sites.length;
      for (const site of [...sites.slice(shift), ...sites.slice(0, shift)]) {
        const name = nameOf(site, concurrency);
        samples.set(name, [...(samples.get(name) ?? []), await burst(site, provider, concurrency, pace.burstS)]);
      }
    }
    say(`round ${String(round + 1)} of ${String(pace.rounds)} done`);
  }
  return sites.flatMap((site) =>
    CONCURRENCIES.map((concurrency) => ({
      row: site.row,
      chain: site.chain,
      concurrency,
      samples: samples.get(nameOf(site, concurrency)) ?? [],
    })),
  );
}

/** Of what runs without Envoy. */
const none = { chain: 'none', concurrency: 1, envoyCpuUs: 0, sidecarCpuUs: 0, rssMb: 0, redisCpuUs: 0, errors: 0 };

/** In the shape of the other suites: a pair is a request here. */
const figuresOfLedger = ({ suite, row, concurrency, pairsPerSecond, p50Ms, p99Ms }: LedgerRun): Figures => ({
  ...none,
  suite,
  row,
  concurrency,
  rps: pairsPerSecond,
  p50Ms,
  p99Ms,
});

/** In the shape of the other suites: a request is a text, or a chunk of a stream. */
const figuresOfDetection = ({ row, p50Us, p99Us, meanUs }: DetectRun): Figures => ({
  ...none,
  suite: 'detect',
  row,
  rps: 1_000_000 / meanUs,
  p50Ms: p50Us / 1_000,
  p99Ms: p99Us / 1_000,
});

function runDetection(isQuick: boolean, jsonFile: string | undefined): number {
  const runs = measureDetection(isQuick ? 0.1 : 1);
  process.stdout.write(`\n${machineText()}; every built-in detector\n\n${detectText(runs)}\n`);
  writeJson(jsonFile, runs.map(figuresOfDetection));
  return sayMissed(detectBarsMissed(runs));
}

const machineText = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${String(cpus().length)} cores, ${String(Math.round(totalmem() / 1_024 ** 3))} GiB, Node ${process.version}`;

function writeJson(file: string | undefined, figures: readonly Figures[]): void {
  if (file !== undefined) {
    writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
  }
}

/** The exit code. */
function sayMissed(missed: readonly string[]): number {
  for (const bar of missed) {
    process.stdout.write(`MISSED: ${bar}\n`);
  }
  return missed.length === 0 ? 0 : 1;
}

async function run(pace: Pace, rows: readonly Row[], jsonFile: string | undefined): Promise<number> {
  requireWrk();
  const startedMs = performance.now();
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(await startProvider());
  const redis = stack.use(await startRedis());
  const sites = (await openSites(provider, redis, rows)).map((site) => stack.use(site));
  say(`${String(sites.length)} sites are up; warming up`);
  for (const site of sites) {
    await burst(site, provider, 16, pace.warmUpS);
  }
  const cells = await measure(sites, provider, pace);
  const memory: [string, MemoryRun][] = [];
  for (const site of sites.filter((each) => each.row === 'scope')) {
    memory.push([site.chain, await watchMemory(site, provider, pace.memoryRequests)]);
  }
  const ledgers = rows.includes('limits') ? await measureLedgers(redis, pace.ledgerMs) : [];
  process.stdout.write(
    `\n${machineText()}; sidecars run src/ through type stripping\n\n${tableText(cells)}\n${ratiosText(cells)}\n${memoryText(memory)}\n${ledgersText(ledgers)}\n`,
  );
  writeJson(jsonFile, [...cells.map(figuresOf), ...ledgers.map(figuresOfLedger)]);
  const missed = [...barsMissed(cells, memory), ...ledgerBarsMissed(ledgers)];
  say(`${missed.length === 0 ? 'every bar is met' : 'a bar is missed'}; took ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
  return sayMissed(missed);
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'string' },
      rows: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.only !== undefined && values.only !== 'detect') {
    throw new Error(`nothing is called "${values.only}"; there is --only detect`);
  }
  if (values.only === 'detect') {
    return runDetection(values.quick, values.json);
  }
  const wanted = values.rows?.split(',');
  const unknown = wanted?.find((name) => !ROWS.some((row) => row === name));
  if (unknown !== undefined) {
    throw new Error(`no row "${unknown}"; there are ${ROWS.join(', ')}`);
  }
  const rows = ROWS.filter((row) => row === 'noop' || (wanted?.includes(row) ?? true));
  return run(values.quick ? quickPace : fullPace, rows, values.json);
}

// Each process that is started waits for the exit of this one, to end with it.
process.setMaxListeners(64);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // An orderly exit, because only that ends the processes that were started.
  process.once(signal, () => process.exit(1));
}
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
