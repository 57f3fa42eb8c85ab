import { asciiCount } from '../detect/ascii.ts';
import type { Part } from './parts.ts';
import { beginningOf, patternOf } from './shape.ts';

/**
 * Forms that begin with fixed text, sorted by its characters. A regular expression made of it looks at each character once, where one
 * alternative per form would look at each as often as there are forms.
 */
interface Node {
  readonly children: Map<string, Node>;
  readonly rests: (readonly Part[])[];
}

const newNode = (): Node => ({ children: new Map(), rests: [] });

/** Fixed text, and what may stand behind it. */
export interface Form {
  readonly head: string;
  readonly rest: readonly Part[];
}

function grow(forms: readonly Form[]): Node {
  const root = newNode();
  for (const { head, rest } of forms) {
    let node = root;
    for (const character of head) {
      const child = node.children.get(character) ?? newNode();
      node.children.set(character, child);
      node = child;
    }
    node.rests.push(rest);
  }
  return root;
}

const group = (alternatives: readonly string[]): string =>
  alternatives.length === 1 ? alternatives.join('') : `(?:${alternatives.join('|')})`;

/** Longer fixed text first, then the forms in their order. */
function whole({ children, rests }: Node, behind: string): string {
  return group([
    ...[...children].map(([character, child]) => patternOf([character]) + whole(child, behind)),
    ...rests.map((rest) => patternOf(rest) + behind),
  ]);
}

function beginning({ children, rests }: Node): string {
  return group([
    ...[...children].map(([character, child]) => `${patternOf([character])}(?:${beginning(child)})?`),
    ...rests.map(beginningOf),
  ]);
}

/** What may stand behind a beginning of a head. */
interface Step {
  /** By ASCII code the place of the step that follows; 0 for none. */
  readonly next: Int16Array;
  readonly isHead: boolean;
}

/** Finds where one of the heads stands: of ASCII, two characters at least. */
export function headFinder(heads: readonly string[]): (text: string, before: number) => (from: number) => number {
  const steps: Step[] = [];
  const add = ({ children, rests }: Node): number => {
    const next = new Int16Array(asciiCount);
    const place = steps.push({ next, isHead: rests.length > 0 }) - 1;
    for (const [character, child] of children) {
      next[character.charCodeAt(0)] = add(child);
    }
    return place;
  };
  add(grow(heads.map((head) => ({ head, rest: [] }))));
  const pairs = new Uint8Array(asciiCount * asciiCount);
  for (const head of heads) {
    pairs[head.charCodeAt(0) * asciiCount + head.charCodeAt(1)] = 1;
  }
  return (text, before) => (from) => nextHead(text, from, before, pairs, steps);
}

function nextHead(text: string, from: number, before: number, pairs: Uint8Array, steps: readonly Step[]): number {
  const end = Math.min(text.length, before + 1);
  let code = text.charCodeAt(from);
  for (let at = from + 1; at < end; at += 1) {
    const next = text.charCodeAt(at);
    // Most places are sorted out by two characters, each of which is looked at once.
    if (code < asciiCount && next < asciiCount && pairs[code * asciiCount + next] === 1 && isHeadAt(text, at - 1, steps)) {
      return at - 1;
    }
    code = next;
  }
  return -1;
}

function isHeadAt(text: string, at: number, steps: readonly Step[]): boolean {
  let step = steps[0];
  for (let place = at; step !== undefined && !step.isHead; place += 1) {
    const code = text.charCodeAt(place);
    const next = code < asciiCount ? (step.next[code] ?? 0) : 0;
    step = next === 0 ? undefined : steps[next];
  }
  return step !== undefined;
}

/** The sources of two regular expressions: one of the forms in full, `behind` after each, and the beginning of one. */
export interface Sources {
  readonly whole: string;
  readonly beginning: string;
}

export function sourcesOf(forms: readonly Form[], behind: string): Sources {
  const root = grow(forms);
  return { whole: whole(root, behind), beginning: beginning(root) };
}
