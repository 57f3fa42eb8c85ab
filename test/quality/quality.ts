import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { piiDetectors } from '../../src/policy/pii/registry.ts';
import { readLabelled } from './data-file.ts';
import { judgeData, type Tally } from './judge.ts';
import { reachesBar, writeJson, writeReport } from './report.ts';
import { suites } from './suites.ts';

/**
 * How well the detectors find what they are for, on values made afresh (`--seed N` makes the same ones again, `--samples N` so many of each
 * entity) or on a file of labelled texts (`--data FILE.jsonl`). `--json FILE` writes the figures. Fails where a bar is missed.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(2 ** 32)) },
    samples: { type: 'string', default: '400' },
    data: { type: 'string' },
    json: { type: 'string' },
  },
});
const ours: ReadonlySet<string> = new Set(piiDetectors.map(({ detector }) => detector.entity));

function count(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new Error(`--${name} takes a whole number, not "${text}"`);
  }
  return number;
}

function run(): readonly Tally[] {
  if (values.data !== undefined) {
    const tallies = judgeData(readLabelled(values.data), detectorSet(piiDetectors));
    process.stdout.write(`${writeReport(values.data, tallies, ours)}\n`);
    return tallies;
  }
  return suites.flatMap((suite) => {
    const tallies = judgeData(suite.make(count(values.seed, 'seed'), count(values.samples, 'samples')), suite.set);
    process.stdout.write(`${writeReport(`${suite.name}, seed ${values.seed}`, tallies, ours)}\n`);
    return tallies;
  });
}

try {
  const tallies = run();
  if (values.json !== undefined) {
    writeFileSync(values.json, writeJson(tallies, ours));
  }
  process.exitCode = tallies.every(reachesBar) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
