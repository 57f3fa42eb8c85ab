import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { patternsSchema } from '../../../src/config/detection-schema.ts';
import { ENTITIES } from '../../../src/core/entity-list.ts';
import { patternLongestMax, patternTextMax, readUserPattern } from '../../../src/core/pattern/user-pattern.ts';
import { codeIn, fenced, readText, rowsUnder } from './markdown.ts';

const documentation = readText('docs/detection.md');
const rows = rowsUnder(documentation, 'Entity');
const shown = { request: 'requests', response: 'answers' } as const;

describe('docs/detection.md', () => {
  it('lists every entity there is, in their order, with what is found and where', () => {
    expect(rows.map((row) => [codeIn(row.get('Entity')).join(), row.get('What is found'), row.get('Where')])).toEqual(
      ENTITIES.map(({ name, about, directions }) => [name, about, directions.map((direction) => shown[direction]).join(', ')]),
    );
  });

  it('says of each how it is judged and what is missed', () => {
    expect(rows.filter((row) => row.get('How it is judged') === '' || row.get('Known misses') === '')).toEqual([]);
  });

  it('shows patterns that load', () => {
    const [example = ''] = fenced(documentation, 'yaml');
    const { patterns } = z.object({ patterns: patternsSchema }).parse(parse(example));
    const settings = Object.values(patterns);
    expect(settings.map((setting) => readUserPattern(setting).kind)).toEqual(settings.map(() => 'pattern'));
    expect(settings).not.toEqual([]);
  });

  it('states the limits of patterns', () => {
    expect(documentation).toContain(
      `${String(patternTextMax)} characters each, ${String(patternLongestMax)} characters of the longest match`,
    );
  });
});
