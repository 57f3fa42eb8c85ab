import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { FINDINGS, lintEnvoy, type LintOptions } from '../../../src/envoy/lint/lint.ts';
import { renderStatic, renderWatched } from '../../../src/envoy/render.ts';
import { BROKEN } from '../../config/broken.ts';
import type { Broken } from '../../config/broken-places.ts';
import { edit } from '../../config/edit.ts';
import { toDump, toWatched } from '../../config/forms.ts';

const configs = join(import.meta.dirname, '../../config');
const working = readdirSync(configs).filter((name) => name.startsWith('working_'));

const mixed = loadSettings(join(configs, 'working_mixed.yaml'));
const settingsOf = (chain: 'authz+proc' | 'proc'): Settings => ({ ...mixed, edge: { ...mixed.edge, chain } });

function breakConfig(row: Broken, rendered: unknown): unknown {
  const config = structuredClone(rendered);
  for (const [path, value] of Object.entries(row.set)) {
    edit(config, path, value);
  }
  return config;
}

const idsOf = (config: unknown, options: LintOptions): readonly string[] =>
  [...new Set(lintEnvoy(config, options).map(({ id }) => id))].toSorted();

describe('what render writes', () => {
  it.each(working)('has no finding: %s', (name) => {
    const settings = loadSettings(join(configs, name));
    const config: unknown = parse(renderStatic(settings).text);
    const [bootstrap, ...resources] = renderWatched(settings, '/etc/envoy').map((file): unknown => parse(file.text));

    expect(lintEnvoy(config, { settings })).toEqual([]);
    expect(lintEnvoy(config)).toEqual([]);
    expect(lintEnvoy(bootstrap, { settings, resources })).toEqual([]);
    expect(lintEnvoy(toDump(config), { settings })).toEqual([]);
  });
});

describe.each(['authz+proc', 'proc'] as const)('a broken configuration, chain %s', (chain) => {
  const settings = settingsOf(chain);
  const rendered: unknown = parse(renderStatic(settings).text);
  const rows = BROKEN.filter((row) => (row.chain ?? chain) === chain);

  it.each(rows)('has exactly its findings, as files and as a dump: $name', (row) => {
    const config = breakConfig(row, rendered);
    const { bootstrap, resources } = toWatched(config);
    const expected = row.finds.toSorted();

    expect(idsOf(config, { settings })).toEqual(expected);
    expect(idsOf(bootstrap, { settings, resources })).toEqual(expected);
    expect(idsOf(toDump(config), { settings })).toEqual(expected);
  });
});

describe('the table of findings', () => {
  /** Only another system or a running Envoy can have them; they have tests of their own. */
  const elsewhere = ['update-rejected'];

  it('has a broken configuration for every id', () => {
    const proven = new Set([...BROKEN.flatMap(({ finds }) => finds), ...elsewhere]);
    expect(Object.keys(FINDINGS).filter((id) => !proven.has(id))).toEqual([]);
  });

  it('knows every id that a broken configuration expects', () => {
    expect(BROKEN.flatMap(({ finds }) => finds).filter((id) => !Object.hasOwn(FINDINGS, id))).toEqual([]);
  });

  it('has kebab-case ids, each with a message that says what to do and a reason', () => {
    for (const [id, { message, why }] of Object.entries(FINDINGS)) {
      expect(id).toMatch(/^[a-z]+(?:-[a-z0-9]+)*$/);
      expect(message, id).toMatch(/; .{4,}/);
      expect(why, id).toMatch(/^[A-Z`_a-z].{15,}\.$/);
    }
  });
});
