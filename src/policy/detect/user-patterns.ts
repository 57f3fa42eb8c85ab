import { type PatternSetting, readUserPattern, someMatches, type UserPattern } from '../../core/pattern/user-pattern.ts';
import { wordBefore, wordsMax } from '../pii/surroundings.ts';
import { patternOf } from '../secrets/shape.ts';
import type { Ranked } from './detector-set.ts';
import { UserMatcher, userOpen } from './user-matcher.ts';

/** Operators know what they call their own: above what only words or a form tell, below what has a checksum. */
const priority = 2;

/** Detectors that the settings ask for, by the name of what each finds. Throws for a pattern that `readUserPattern` refuses. */
export function patternDetectors(patterns: ReadonlyMap<string, PatternSetting>): readonly Ranked[] {
  const named = Array.from(patterns, ([name, setting]) => ({ name, pattern: readKnown(name, setting), context: setting.context }));
  const all = named.map(({ pattern }) => pattern);
  // Asked once for all of them: most texts have none.
  const gate = someMatches(all);
  const open = userOpen(all);
  return named.map(({ name, pattern, context }) => ({
    priority,
    detector: {
      kind: 'pattern',
      entity: name,
      pattern: new UserMatcher(pattern),
      lengthMax: pattern.longest,
      leftMax: context === undefined ? 1 : wordsMax,
      gate,
      judge: context === undefined ? () => true : wordBefore(context.map((word) => patternOf([word.toLowerCase()])).join('|')),
      open,
    },
  }));
}

function readKnown(name: string, setting: PatternSetting): UserPattern {
  const pattern = readUserPattern(setting);
  if (pattern.kind === 'refused') {
    throw new Error(`pattern ${name}: ${pattern.reason}`);
  }
  return pattern;
}
