import { detectWhole, openDetection, type Detection, type Piece } from './detection.ts';
import { contextMax } from './detector.ts';
import type { DetectorSet } from './detector-set.ts';
import { regionMax } from './regions.ts';
import { neutral, neutralEnd, standInsOf, withoutStandIns, type Span } from './stand-ins.ts';

/** How a text with stand-ins (`stand-ins.ts`) is looked through. */
export interface SectionPlan {
  readonly set: DetectorSet;
  /** What stands before the text. */
  readonly context: string;
  /** Names the stand-ins that are to be hidden themselves; undefined = none. */
  readonly entityOf?: ((standIn: string) => string | undefined) | undefined;
  /** True where the text was looked through before something in it was hidden: only what stands near a stand-in may be told otherwise now. */
  readonly isSeen: boolean;
}

/**
 * As `openDetection`, for a text that is kept until its end: a stand-in is a border that no match crosses, is no word of a context however
 * long it is, and is never looked into.
 */
export function openSections(plan: SectionPlan): Detection {
  let held = '';
  return {
    push(chunk) {
      held += chunk;
      return [];
    },
    end(chunk = '') {
      const text = held + chunk;
      held = '';
      return sectionsOf(text, plan);
    },
  };
}

function sectionsOf(text: string, plan: SectionPlan): readonly Piece[] {
  const pieces: Piece[] = [];
  const find = plan.isSeen ? nearBorders(plan.set) : findAll;
  let known = withoutStandIns(plan.context);
  let at = 0;
  for (const { start, end } of bordersOf(text, plan.set)) {
    const section = text.slice(at, start);
    const standIn = text.slice(start, end);
    const entity = plan.entityOf?.(standIn);
    pieces.push(...withoutLast(find(plan.set, known, section + neutralEnd)));
    pieces.push(entity === undefined ? { kind: 'text', text: standIn } : { kind: 'region', entity, rule: undefined, text: standIn });
    known = `${known}${section}`.slice(-contextMax) + neutral;
    at = end;
  }
  return [...pieces, ...find(plan.set, known, text.slice(at))];
}

/** The pieces of a section. */
type Find = (set: DetectorSet, context: string, section: string) => readonly Piece[];

const findAll: Find = (set, context, section) => openDetection(set, context).end(section);

/**
 * Leaves out what stands so far from both ends of a section that nothing has changed for it: behind the words of a context, and before
 * what may have been read as one with what is now hidden.
 */
function nearBorders({ matchMax }: DetectorSet): Find {
  // A region that is under way waits as a whole.
  const headLength = contextMax + matchMax + regionMax;
  const tailLength = matchMax + regionMax;
  return (set, context, section) => {
    if (section.length <= headLength + tailLength) {
      return findAll(set, context, section);
    }
    const head = openDetection(set, context).push(section.slice(0, headLength));
    const headEnd = head.reduce((length, { text }) => length + text.length, 0);
    const tailStart = section.length - tailLength;
    const tail = openDetection(set, section.slice(0, tailStart)).end(section.slice(tailStart));
    return [...head, { kind: 'text', text: section.slice(headEnd, tailStart) }, ...tail];
  };
}

/** The pieces of the text without its last character. */
const withoutLast = (pieces: readonly Piece[]): readonly Piece[] =>
  pieces
    .map((piece, index) => (index === pieces.length - 1 ? { ...piece, text: piece.text.slice(0, -1) } : piece))
    .filter(({ text }) => text !== '');

/** A run takes whatever is in it: a private key does not end where its comment was hidden. */
function bordersOf(text: string, set: DetectorSet): readonly Span[] {
  const spans = standInsOf(text, set.standIns);
  if (spans.length === 0 || set.runs.length === 0) {
    return spans;
  }
  const runs = detectWhole(text, { ...set, words: undefined, patterns: [], opens: [] });
  return spans.filter(({ start, end }) => !runs.some((run) => run.start <= start && end <= run.end));
}
