import { detectWhole } from '../../src/policy/detect/detection.ts';
import type { DetectorSet } from '../../src/policy/detect/detector-set.ts';
import type { Labelled, Span } from './labelled.ts';

/** What was found and what was not, of one entity. */
export interface Tally {
  readonly entity: string;
  /** Labelled values. */
  samples: number;
  /** Of them, those that a region of this entity overlaps. */
  found: number;
  /** Of them, those that some region overlaps, whatever it is called. */
  hidden: number;
  /** Regions of this entity that overlap a value of it. */
  right: number;
  /** Regions of this entity that overlap none. */
  wrong: number;
  readonly missed: string[];
  readonly invented: string[];
}

const overlap = (a: Pick<Span, 'start' | 'end'>, b: Pick<Span, 'start' | 'end'>): boolean => a.start < b.end && b.start < a.end;

const around = 32;
const excerpt = (text: string, { start, end }: Pick<Span, 'start' | 'end'>): string =>
  JSON.stringify(`${text.slice(Math.max(0, start - around), start)}«${text.slice(start, end)}»${text.slice(end, end + around)}`);

/** Counts by overlap, for each entity that is labelled or found. */
export function judgeData(data: Iterable<Labelled>, set: DetectorSet): readonly Tally[] {
  const tallies = new Map<string, Tally>();
  const tallyOf = (entity: string): Tally => {
    const tally = tallies.get(entity) ?? { entity, samples: 0, found: 0, hidden: 0, right: 0, wrong: 0, missed: [], invented: [] };
    tallies.set(entity, tally);
    return tally;
  };
  for (const { text, spans } of data) {
    const regions = detectWhole(text, set);
    for (const span of spans) {
      const tally = tallyOf(span.entity);
      const over = regions.filter((region) => overlap(region, span));
      const isFound = over.some((region) => region.entity === span.entity);
      tally.samples += 1;
      tally.found += Number(isFound);
      tally.hidden += Number(over.length > 0);
      if (!isFound) {
        tally.missed.push(`${excerpt(text, span)}${over.length > 0 ? ` taken for ${over.map((region) => region.entity).join(', ')}` : ''}`);
      }
    }
    for (const region of regions) {
      const tally = tallyOf(region.entity);
      const isRight = spans.some((span) => span.entity === region.entity && overlap(region, span));
      tally.right += Number(isRight);
      tally.wrong += Number(!isRight);
      if (!isRight) {
        const over = spans.filter((span) => overlap(region, span)).map((span) => span.entity);
        tally.invented.push(`${excerpt(text, region)}${over.length > 0 ? ` which is ${over.join(', ')}` : ''}`);
      }
    }
  }
  return [...tallies.values()].toSorted((a, b) => (a.entity < b.entity ? -1 : 1));
}

/** 1 where nothing was claimed. */
export const precisionOf = ({ right, wrong }: Tally): number => (right + wrong === 0 ? 1 : right / (right + wrong));
/** 1 where nothing was there to find. */
export const recallOf = ({ found, samples }: Tally): number => (samples === 0 ? 1 : found / samples);
