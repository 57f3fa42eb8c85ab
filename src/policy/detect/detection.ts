import { contextMax, type Match, type RankedMatch } from './detector.ts';
import { leftmostOpen, type DetectorSet } from './detector-set.ts';
import { collectMatches, matchQueue } from './matches.ts';
import { readSigns, type Reading } from './plain-signs.ts';
import { joinMatches } from './regions.ts';
import { beginFinder, endOfRun, openRun, type OpenRun, type RunBegin } from './runs.ts';

/** A part of a text, in its order: what nothing was found in, or what is to be hidden. `rule`: see `Match`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'region'; readonly entity: string; readonly rule: string | undefined; readonly text: string };

/** One text that comes in chunks. What it gives, put together, does not depend on where the text is cut into chunks. */
export interface Detection {
  /** The pieces that are decided now. */
  push(chunk: string): readonly Piece[];
  /** The last chunk, and the rest. Nothing may be pushed behind it. */
  end(chunk?: string): readonly Piece[];
}

/** What is kept between two chunks. Places are offsets into `buffer`. */
interface State {
  /** Up to `contextMax` characters that were given out, and all that are not decided. */
  readonly buffer: string;
  readonly decided: number;
  /** Matches that began before `decided` and reach beyond it: that happens where a region or a run was full. */
  readonly reaching: readonly RankedMatch[];
  readonly run: OpenRun | undefined;
  /** What the run has swallowed of earlier buffers. */
  readonly swallowed: string;
}

const initial: State = { buffer: '', decided: 0, reaching: [], run: undefined, swallowed: '' };

/** `context` is what stands before the text: it can be a reason to believe a match, and is no part of what comes out. */
export function openDetection(set: DetectorSet, context = ''): Detection {
  const known = context.slice(-contextMax);
  let state: State = { ...initial, buffer: known, decided: known.length };
  const advance = (chunk: string, isLast: boolean): readonly Piece[] => {
    const step = new Step(set, { ...state, buffer: state.buffer + chunk }, isLast);
    step.decide();
    state = step.rest();
    return step.pieces;
  };
  return { push: (chunk) => advance(chunk, false), end: (chunk = '') => advance(chunk, true) };
}

/** The regions of a whole text, in their order, none overlapping: a stream of one chunk. */
export function detectWhole(text: string, set: DetectorSet): readonly Match[] {
  const step = new Step(set, { ...initial, buffer: text }, true);
  step.decide();
  const regions: Match[] = [];
  let at = 0;
  for (const piece of step.pieces) {
    const end = at + piece.text.length;
    if (piece.kind === 'region') {
      regions.push({ entity: piece.entity, rule: piece.rule, start: at, end });
    }
    at = end;
  }
  return regions;
}

/** What one chunk decides, from left to right. */
class Step {
  readonly pieces: Piece[] = [];
  readonly #set: DetectorSet;
  readonly #text: string;
  readonly #reading: Reading;
  readonly #isLast: boolean;
  #at: number;
  #reaching: readonly RankedMatch[];
  #run: OpenRun | undefined;
  #swallowed: string;

  constructor(set: DetectorSet, state: State, isLast: boolean) {
    this.#set = set;
    this.#text = state.buffer;
    this.#reading = readSigns(state.buffer);
    this.#isLast = isLast;
    this.#at = state.decided;
    this.#reaching = state.reaching;
    this.#run = state.run;
    this.#swallowed = state.swallowed;
  }

  decide(): void {
    const nextBegin = beginFinder(this.#set, this.#reading.plain);
    let goesOn = this.#run === undefined || this.#followRun(this.#run);
    while (goesOn && this.#at < this.#text.length) {
      goesOn = this.#decideStretch(nextBegin);
    }
  }

  /** Up to where the text may have to wait. True where a run went on beyond that place and has ended. */
  #decideStretch(nextBegin: (from: number) => RunBegin | undefined): boolean {
    const open = this.#isLast ? this.#text.length : leftmostOpen(this.#set, this.#reading, this.#at);
    const takeBefore = matchQueue(collectMatches(this.#set, this.#reading, this.#at, open));
    for (let begin = nextBegin(this.#at); begin !== undefined && begin.start < open; begin = nextBegin(this.#at)) {
      this.#giveUpTo(begin.start, takeBefore(begin.start));
      if (!this.#followRun(openRun(begin))) {
        return false;
      }
      // What begins within a run is hidden with it.
      takeBefore(this.#at);
    }
    if (this.#at > open) {
      return true;
    }
    this.#giveOpen(open, takeBefore(open));
    return false;
  }

  /** Gives out the text before a run, where every match is known that starts there. */
  #giveUpTo(end: number, matches: readonly RankedMatch[]): void {
    const all = [...this.#reaching, ...matches];
    for (const region of joinMatches(this.#text, all, this.#at)) {
      if (region.start < end) {
        this.#giveText(region.start);
        this.#giveRegion(region, Math.min(region.end, end));
      }
    }
    this.#giveText(end);
    this.#reaching = all.filter((match) => match.end > end);
  }

  /** Gives out the text before `open`, but for a region that reaches it or beyond: more may join it. */
  #giveOpen(open: number, matches: readonly RankedMatch[]): void {
    const all = [...this.#reaching, ...matches];
    let cut = open;
    for (const region of joinMatches(this.#text, all, this.#at)) {
      if (region.end > open) {
        cut = region.start;
        break;
      }
      this.#giveText(region.start);
      this.#giveRegion(region, region.end);
    }
    this.#giveText(cut);
    this.#reaching = all.filter((match) => match.start < cut && match.end > cut);
  }

  /** True where the run has ended. */
  #followRun(run: OpenRun): boolean {
    const end = endOfRun(run, this.#reading.plain, this.#isLast);
    // The last characters may belong to its end: they are looked at again.
    const swallowedTo = end ?? Math.max(run.searchFrom, this.#text.length - run.detector.endMax);
    this.#swallowed += this.#text.slice(this.#at, swallowedTo);
    this.#at = swallowedTo;
    if (end === undefined) {
      this.#run = { ...run, searchFrom: swallowedTo };
      return false;
    }
    this.pieces.push({ kind: 'region', entity: run.detector.entity, rule: run.detector.rule, text: this.#swallowed });
    this.#swallowed = '';
    this.#run = undefined;
    this.#reaching = this.#reaching.filter((match) => match.end > end);
    return true;
  }

  #giveText(end: number): void {
    if (end > this.#at) {
      this.pieces.push({ kind: 'text', text: this.#text.slice(this.#at, end) });
      this.#at = end;
    }
  }

  #giveRegion({ entity, rule }: Match, end: number): void {
    this.pieces.push({ kind: 'region', entity, rule, text: this.#text.slice(this.#at, end) });
    this.#at = end;
  }

  /** What the next chunk needs. */
  rest(): State {
    const dropped = Math.max(0, this.#at - contextMax);
    return {
      buffer: this.#text.slice(dropped),
      decided: this.#at - dropped,
      reaching: this.#reaching.map((match) => ({ ...match, start: match.start - dropped, end: match.end - dropped })),
      run: this.#run === undefined ? undefined : { ...this.#run, searchFrom: this.#run.searchFrom - dropped, cap: this.#run.cap - dropped },
      swallowed: this.#swallowed,
    };
  }
}
