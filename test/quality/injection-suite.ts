import { judgeInjection } from '../../src/policy/injection/judge.ts';
import { scoreAlarm, type Origin } from '../../src/policy/injection/signal.ts';
import { openRandom, type Random } from '../simulation/random.ts';
import { otherAttacks, otherWords } from './attack-others.ts';
import { overrideHeld, overrideOpen, overrideWords, paraphrases } from './attack-override.ts';
import { expand, lead, type Words } from './attack-parts.ts';
import { benignTexts } from './benign-texts.ts';
import { type QualityRow, share, worst } from './quality-row.ts';

const isAlarm = (origin: Origin, text: string): boolean => judgeInjection([{ origin, text }]).score >= scoreAlarm;

function attackRow(
  random: Random,
  entity: string,
  origin: Origin,
  templates: Words,
  words: Readonly<Record<string, Words>>,
  samples: number,
): QualityRow {
  const texts = Array.from(
    { length: samples },
    (_, index) => random.pick(lead) + expand(random, templates[index % templates.length] ?? templates[0], words),
  );
  const missed = texts.filter((text) => !isAlarm(origin, text));
  return { entity, precision: 1, recall: share(texts.length - missed.length, texts.length), samples, worst: worst('missed', missed) };
}

export interface InjectionOptions {
  readonly seed: number;
  /** Texts of each class. */
  readonly samples: number;
}

/**
 * Rows: each class of attacks in the wordings that the rules could be tried on and in those put aside, paraphrases that no list knows, and
 * honest texts full of the same words, whose precision is the share without an alarm.
 */
export function runInjectionSuite({ seed, samples }: InjectionOptions): readonly QualityRow[] {
  const random = openRandom(seed);
  const benign = benignTexts(random, samples);
  const alarms = benign.filter((text) => isAlarm('user', text));
  return [
    attackRow(random, 'injection (ignore previous)', 'user', overrideOpen, overrideWords, samples),
    attackRow(random, 'injection (ignore previous, put aside)', 'user', overrideHeld, overrideWords, samples),
    ...otherAttacks.flatMap(({ name, origin, open, held }) => [
      attackRow(random, `injection (${name})`, origin, open, otherWords, samples),
      attackRow(random, `injection (${name}, put aside)`, origin, held, otherWords, samples),
    ]),
    attackRow(random, 'injection (paraphrase)', 'user', paraphrases, overrideWords, samples),
    {
      entity: 'injection (honest)',
      precision: 1 - share(alarms.length, benign.length),
      recall: 1,
      samples: benign.length,
      worst: worst('alarm', alarms),
    },
  ];
}
