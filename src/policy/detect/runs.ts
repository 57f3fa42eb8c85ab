import type { DetectorSet, RankedRun } from './detector-set.ts';
import type { RunDetector } from './detector.ts';
import { capOf } from './regions.ts';

export interface RunBegin {
  readonly detector: RunDetector;
  readonly priority: number;
  readonly start: number;
  /** Behind the beginning. */
  readonly end: number;
}

/** Finds the next beginning of a run from a place on. Asked from left to right, it looks at each part of `text` once per detector. */
export function beginFinder(set: DetectorSet, text: string): (from: number) => RunBegin | undefined {
  const nexts = set.runs.filter(({ detector }) => detector.gate === undefined || detector.gate(text)).map((run) => nextOf(run, text));
  return (from) => {
    let first: RunBegin | undefined;
    for (const next of nexts) {
      const found = next(from);
      if (found !== undefined && (first === undefined || isBefore(found, first))) {
        first = found;
      }
    }
    return first;
  };
}

function nextOf({ detector, priority }: RankedRun, text: string): (from: number) => RunBegin | undefined {
  let known: RunBegin | undefined | 'unknown' = 'unknown';
  return (from) => {
    if (known === 'unknown' || (known !== undefined && known.start < from)) {
      known = find(from);
    }
    return known;
  };

  function find(from: number): RunBegin | undefined {
    const { begin, beginMax } = detector;
    begin.lastIndex = from;
    for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
      if (found[0].length > 0 && found[0].length <= beginMax) {
        return { detector, priority, start: found.index, end: found.index + found[0].length };
      }
      begin.lastIndex = found.index + 1;
    }
    return undefined;
  }
}

function isBefore(a: RunBegin, b: RunBegin): boolean {
  return a.start < b.start || (a.start === b.start && a.priority > b.priority);
}

/** What is known of a run that has begun. */
export interface OpenRun {
  readonly detector: RunDetector;
  /** The place up to which its end was looked for. */
  readonly searchFrom: number;
  /** It ends here at the latest. */
  readonly cap: number;
}

export const openRun = (begin: RunBegin): OpenRun => ({
  detector: begin.detector,
  searchFrom: begin.end,
  cap: begin.start + begin.detector.lengthMax,
});

/** Where the run ends, or undefined where more text decides. `isLast`: there is no more text. */
export function endOfRun(run: OpenRun, text: string, isLast: boolean): number | undefined {
  const { end, endMax } = run.detector;
  const allKnown = isLast || text.length > run.cap;
  // One character behind the cap is all that an end before it may depend on, and a long text is not searched for nothing.
  const view = text.length > run.cap + 1 ? text.slice(0, run.cap + 1) : text;
  end.lastIndex = run.searchFrom;
  const found = end.exec(view);
  if (found !== null && found.index + found[0].length <= run.cap && (allKnown || found.index + endMax < text.length)) {
    return found.index + found[0].length;
  }
  return allKnown ? Math.min(text.length, capOf(text, run.cap, 0)) : undefined;
}
