import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { simulate } from './simulation.ts';
import { tally } from './tally.ts';

/** A long run: `--seeds 20000`, or one seed again: `--seed 42`. Ends with the first failure. */
const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' }, seed: { type: 'string' } } });
const seeds = values.seed === undefined ? Array.from({ length: Number(values.seeds) }, () => randomInt(2 ** 32)) : [Number(values.seed)];
const tellEvery = 1_000;

async function runAll(): Promise<string> {
  const outcomes = tally();
  for (const [index, seed] of seeds.entries()) {
    outcomes.add(await simulate(seed));
    if ((index + 1) % tellEvery === 0) {
      process.stderr.write(`${String(index + 1)} seeds\n`);
    }
  }
  return `${String(seeds.length)} seeds kept every promise\n${outcomes.text()}\n`;
}

try {
  process.stdout.write(await runAll());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
