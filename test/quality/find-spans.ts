import type { Detector, PatternDetector, RunDetector } from '../../src/policy/detect/detector.ts';
import type { Span } from './quality-row.ts';

/** What a detector says of a whole text, straight from its contract: each start by itself, nothing merged. */
export interface Found extends Span {
  readonly entity: string;
  readonly rule: string | undefined;
}

function* findPattern(detector: PatternDetector, text: string): Generator<Found> {
  const pattern = new RegExp(detector.pattern.source, detector.pattern.flags);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (detector.judge(text, start, end)) {
      yield { entity: detector.entity, rule: detector.rule ?? detector.ruleOf?.(text, start, end), start, end };
    }
    pattern.lastIndex = start + 1;
  }
}

function* findRuns(detector: RunDetector, text: string): Generator<Found> {
  const begin = new RegExp(detector.begin.source, detector.begin.flags);
  const endPattern = new RegExp(detector.end.source, detector.end.flags);
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    endPattern.lastIndex = match.index + match[0].length;
    const over = endPattern.exec(text);
    const end = Math.min(over === null ? text.length : over.index + over[0].length, match.index + detector.lengthMax);
    yield { entity: detector.entity, rule: detector.rule, start: match.index, end };
    begin.lastIndex = end;
  }
}

export const findAll = (detectors: readonly Detector[], text: string): readonly Found[] =>
  detectors
    .filter(({ gate }) => gate === undefined || gate(text))
    .flatMap((detector) => [...(detector.kind === 'pattern' ? findPattern(detector, text) : findRuns(detector, text))]);
