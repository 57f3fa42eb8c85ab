import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { detectorSet } from '../../src/policy/detect/detector-set.ts';
import { piiDetectors } from '../../src/policy/pii/registry.ts';
import { readLabelled } from './data-file.ts';
import { runInjectionSuite } from './injection-suite.ts';
import { judgeData, precisionOf, recallOf, type Tally } from './judge.ts';
import { rowReachesBar, writeRows, type QualityRow } from './quality-row.ts';
import { reachesBar, writeReport } from './report.ts';
import { runSecretsSuite } from './secrets-suite.ts';
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

type Figures = Pick<QualityRow, 'entity' | 'precision' | 'recall' | 'samples'>;

interface Judged {
  readonly figures: readonly Figures[];
  readonly isGood: boolean;
}

const figuresOf = (tallies: readonly Tally[]): readonly Figures[] =>
  tallies
    .filter(({ entity, samples }) => ours.has(entity) && samples > 0)
    .map((tally) => ({ entity: tally.entity, precision: precisionOf(tally), recall: recallOf(tally), samples: tally.samples }));

/** Those that judge whole texts and not spans of one entity each. */
function runTextSuites(seed: number, samples: number): Judged {
  const rows: QualityRow[] = [];
  const suitesOfTexts = [
    ['secrets', runSecretsSuite({ seed, samples })],
    ['injection', runInjectionSuite({ seed, samples })],
  ] as const;
  for (const [name, judged] of suitesOfTexts) {
    process.stdout.write(`${writeRows(`${name}, seed ${String(seed)}`, judged)}\n`);
    rows.push(...judged);
  }
  return {
    figures: rows.map(({ entity, precision, recall, samples: number }) => ({ entity, precision, recall, samples: number })),
    isGood: rows.every(rowReachesBar),
  };
}

function runSpanSuites(): readonly Tally[] {
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

function run(): Judged {
  const tallies = runSpanSuites();
  const spans = { figures: figuresOf(tallies), isGood: tallies.every(reachesBar) };
  if (values.data !== undefined) {
    return spans;
  }
  const texts = runTextSuites(count(values.seed, 'seed'), count(values.samples, 'samples'));
  return { figures: [...spans.figures, ...texts.figures], isGood: spans.isGood && texts.isGood };
}

try {
  const { figures, isGood } = run();
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  }
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
