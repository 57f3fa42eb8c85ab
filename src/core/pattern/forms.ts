import { never } from '../assert.ts';
import type { Pattern } from './syntax.ts';

/** UTF-16 units. */
export interface Lengths {
  readonly min: number;
  readonly max: number;
}

export function lengthsOf(pattern: Pattern): Lengths {
  switch (pattern.kind) {
    case 'one':
      return { min: 1, max: pattern.unitsMax };
    case 'edge':
      return { min: 0, max: 0 };
    case 'row': {
      const parts = pattern.parts.map(lengthsOf);
      return { min: sum(parts.map(({ min }) => min)), max: sum(parts.map(({ max }) => max)) };
    }
    case 'either': {
      const choices = pattern.choices.map(lengthsOf);
      return { min: Math.min(...choices.map(({ min }) => min)), max: Math.max(...choices.map(({ max }) => max)) };
    }
    case 'times': {
      const part = lengthsOf(pattern.part);
      return { min: part.min * pattern.min, max: part.max * pattern.max };
    }
    default:
      return never(pattern);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const timesOf = (min: number, max: number): string => `{${String(min)},${String(max)}}`;

/** The expression again. `edge` writes `\b` and `\B`. */
export function sourceOf(pattern: Pattern, edge: (source: string) => string = (source) => source): string {
  switch (pattern.kind) {
    case 'one':
      return pattern.source;
    case 'edge':
      return edge(pattern.source);
    case 'row':
      return pattern.parts.map((part) => sourceOf(part, edge)).join('');
    case 'either':
      return `(?:${pattern.choices.map((choice) => sourceOf(choice, edge)).join('|')})`;
    case 'times':
      return `(?:${sourceOf(pattern.part, edge)})${timesOf(pattern.min, pattern.max)}`;
    default:
      return never(pattern);
  }
}

/** Whether an edge is one may depend on the character that is not there yet. */
const withoutEdges = (pattern: Pattern): string => sourceOf(pattern, () => '');

/** What matches every beginning of a match, the empty one and the whole included. It may hold what can be no beginning. */
export function beginningOf(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'one':
      return `${pattern.source}?`;
    case 'edge':
      return '';
    case 'row': {
      let source = '';
      for (const part of pattern.parts.toReversed()) {
        source = part.kind === 'one' ? `(?:${part.source}${source})?` : `(?:${withoutEdges(part)}${source}|${beginningOf(part)})`;
      }
      return source;
    }
    case 'either':
      return `(?:${pattern.choices.map(beginningOf).join('|')})`;
    case 'times':
      return `(?:${withoutEdges(pattern.part)})${timesOf(0, pattern.max - 1)}${beginningOf(pattern.part)}`;
    default:
      return never(pattern);
  }
}
