import { secretDetectors } from '../../src/policy/secrets/detectors.ts';
import { openRandom } from '../simulation/random.ts';
import { cleanTexts } from './clean-texts.ts';
import { findAll } from './find-spans.ts';
import { type Planted, type QualityRow, share, type Span, worst } from './quality-row.ts';
import { contextTexts, prefixTexts, runTexts } from './secret-texts.ts';

export interface SuiteOptions {
  readonly seed: number;
  /** Texts of each kind. */
  readonly samples: number;
  /** Stands in for the detectors' own loop. */
  readonly find?: (text: string) => readonly Span[];
}

/** Found is what is covered in full by the spans that overlap it: half a key is a key to guess. */
function isCovered({ start, end }: Planted, spans: readonly Span[]): boolean {
  let reached = start;
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    reached = span.start <= reached ? Math.max(reached, span.end) : reached;
  }
  return reached >= end;
}

function judgeTexts(entity: string, texts: readonly Planted[], find: (text: string) => readonly Span[]): QualityRow {
  const missed: string[] = [];
  const wrong: string[] = [];
  let spans = 0;
  for (const planted of texts) {
    const found = find(planted.text);
    spans += found.length;
    if (!isCovered(planted, found)) {
      missed.push(`${planted.kind}: ${planted.text}`);
    }
    wrong.push(...found.filter(({ start, end }) => end <= planted.start || start >= planted.end).map(() => planted.text));
  }
  return {
    entity,
    precision: 1 - share(wrong.length, Math.max(1, spans)),
    recall: share(texts.length - missed.length, texts.length),
    samples: texts.length,
    worst: [...worst('missed', missed), ...worst('wrong', wrong)],
  };
}

/**
 * Rows: credentials by prefix, by the words before them, and of no bounded length; and clean texts, whose precision is the share of them
 * in which nothing was found.
 */
export function runSecretsSuite({ seed, samples, find = (text) => findAll(secretDetectors, text) }: SuiteOptions): readonly QualityRow[] {
  const random = openRandom(seed);
  const clean = cleanTexts(random, samples);
  const fired = clean.filter((text) => find(text).length > 0);
  return [
    judgeTexts('secret (prefix)', prefixTexts(random, samples), find),
    judgeTexts('secret (run)', runTexts(random, samples), find),
    judgeTexts('secret (context)', contextTexts(random, samples), find),
    {
      entity: 'secret (clean)',
      precision: 1 - fired.length / clean.length,
      recall: 1,
      samples: clean.length,
      worst: worst('fired', fired),
    },
  ];
}
