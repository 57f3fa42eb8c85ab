import { detectWhole, openDetection, type Detection, type Piece } from './detection.ts';
import { contextMax } from './detector.ts';
import type { DetectorSet } from './detector-set.ts';
import { regionMax } from './regions.ts';
import { neutral, neutralEnd, standInsOf, withoutStandIns, type Span } from './stand-ins.ts';
import { mayBeToldAnew, type Section } from './told-anew.ts';

/** `in place`: what was hidden is the only difference. `rewritten`: quotes were put around some of it. */
export type Seen = 'never' | 'rewritten' | 'in place';

/** How a text with stand-ins (`stand-ins.ts`) is looked through. */
export interface SectionPlan {
  readonly set: DetectorSet;
  /** What stands before the text. */
  readonly context: string;
  /** Names the stand-ins that are to be hidden themselves; undefined = none. */
  readonly entityOf?: ((standIn: string) => string | undefined) | undefined;
  /** Whether the text was looked through before something in it was hidden: only what stands near a stand-in may be told otherwise then. */
  readonly seen: Seen;
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
  const find = finders[plan.seen](plan.set);
  let known = withoutStandIns(plan.context).slice(-contextMax);
  let at = 0;
  for (const { start, end } of bordersOf(text, plan.set)) {
    const section = text.slice(at, start);
    const standIn = text.slice(start, end);
    const entity = plan.entityOf?.(standIn);
    pieces.push(...withoutLast(find(known, { text: section + neutralEnd, isBeforeStandIn: true })));
    pieces.push(entity === undefined ? { kind: 'text', text: standIn } : { kind: 'region', entity, rule: undefined, text: standIn });
    known = `${known}${section}`.slice(-contextMax) + neutral;
    at = end;
  }
  return [...pieces, ...find(known, { text: text.slice(at), isBeforeStandIn: false })];
}

/** The pieces of a section. */
type Find = (context: string, section: Section) => readonly Piece[];

const findAll =
  (set: DetectorSet): Find =>
  (context, { text }) =>
    openDetection(set, context).end(text);

/**
 * Leaves out what stands so far from both ends of a section that nothing has changed for it: behind the words of a context, and before
 * what may have been read as one with what is now hidden.
 */
function findNear(set: DetectorSet): Find {
  // A region that is under way waits as a whole.
  const headLength = contextMax + set.matchMax + regionMax;
  const tailLength = set.matchMax + regionMax;
  const findIn = findAll(set);
  return (context, section) => {
    const { text } = section;
    if (text.length <= headLength + tailLength) {
      return findIn(context, section);
    }
    const head = openDetection(set, context).push(text.slice(0, headLength));
    const headEnd = head.reduce((length, piece) => length + piece.text.length, 0);
    const tailStart = text.length - tailLength;
    const tail = openDetection(set, text.slice(0, tailStart)).end(text.slice(tailStart));
    return [...head, { kind: 'text', text: text.slice(headEnd, tailStart) }, ...tail];
  };
}

/** Looks again where that may tell anything, which is seldom so. */
function findAnew(set: DetectorSet): Find {
  const findIn = findNear(set);
  return (context, section) => (mayBeToldAnew(set, context, section) ? findIn(context, section) : [{ kind: 'text', text: section.text }]);
}

const finders: Readonly<Record<Seen, (set: DetectorSet) => Find>> = { never: findAll, rewritten: findNear, 'in place': findAnew };

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
