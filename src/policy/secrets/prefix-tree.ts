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

/** The sources of two regular expressions: one of the forms in full, `behind` after each, and the beginning of one. */
export interface Sources {
  readonly whole: string;
  readonly beginning: string;
}

export function sourcesOf(forms: readonly Form[], behind: string): Sources {
  const root = grow(forms);
  return { whole: whole(root, behind), beginning: beginning(root) };
}
