import { z } from 'zod';
import { ENTITY_NAMES, PERSONAL_GROUP } from '../core/entity-list.ts';
import { patternLongestMax, patternTextMax, type PatternSetting, readUserPattern } from '../core/pattern/user-pattern.ts';
import type { Report } from './report.ts';

/** Patterns of one file: each of them reads every text. */
const patternsMax = 32;
const contextWordsMax = 32;
const contextWordLengthMax = 40;

const patternName = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'use lower-case letters, digits, "_" and "-" (63 at most), a letter first');
const contextWord = z
  .string()
  .regex(/^\S.*\S$|^\S$/u, 'use a word without spaces around it')
  .max(contextWordLengthMax);

const pattern = z.strictObject({
  regex: z.string().min(1).max(patternTextMax),
  longest: z.int().min(1).max(patternLongestMax),
  context: z.array(contextWord).min(1).max(contextWordsMax).optional(),
});

/** `patterns` of the settings: entities of one's own. */
export const patternsSchema = z
  .record(patternName, pattern)
  .refine((all) => Object.keys(all).length <= patternsMax, `declare ${String(patternsMax)} patterns at most`);

const namesMax = 10_000;
const knownName = z.string().regex(/^[\p{L}\p{N}].{1,63}$/u, 'use 2 to 64 characters, a letter or digit first');

/** `names` of the settings: what the entity `person` finds wherever it stands. */
export const namesSchema = z.strictObject({
  known: z
    .array(knownName)
    .max(namesMax, `list ${String(namesMax)} names at most`)
    .default([]),
  presidio: z.string().min(1).max(63).optional(),
});

/** Groups of entities, and what is judged without being an entity. */
const taken: ReadonlySet<string> = new Set([...ENTITY_NAMES, PERSONAL_GROUP, 'injection']);

type RawPatterns = z.output<typeof patternsSchema>;

export function checkPatterns(patterns: RawPatterns, report: Report): void {
  for (const [name, { regex, longest }] of Object.entries(patterns)) {
    if (taken.has(name)) {
      report(['patterns', name], 'this name is built in; choose another');
    }
    const read = readUserPattern({ regex, longest });
    if (read.kind === 'refused') {
      report(['patterns', name, 'regex'], read.reason);
    }
  }
}

export const resolvePatterns = (patterns: RawPatterns): ReadonlyMap<string, PatternSetting> =>
  new Map(Object.entries(patterns).map(([name, { regex, longest, context }]) => [name, { regex, longest, context }]));
