import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Document, parse } from 'yaml';
import { z } from 'zod';
import { loadSettings } from '../../../src/config/load.ts';
import { addComments, COMMENT_KEYS } from '../../../src/envoy/comments.ts';
import { renderStatic, renderWatched } from '../../../src/envoy/render.ts';

const examples = join(import.meta.dirname, '../../../envoy');
const configs = join(import.meta.dirname, '../../config');
const working = readdirSync(configs).filter((name) => name.startsWith('working_'));

const parts = z.looseObject({ static_resources: z.looseObject({ listeners: z.array(z.unknown()), clusters: z.array(z.unknown()) }) });
const resources = z.object({ resources: z.array(z.record(z.string(), z.unknown())) });

/** A resource without the `@type` that a discovery file adds. */
const plain = (text: string): unknown[] => resources.parse(parse(text)).resources.map(({ '@type': _type, ...rest }) => rest);

describe('render', () => {
  it.each(['authz-proc', 'proc'])('gives the committed example %s (vitest -u writes it anew)', async (name) => {
    const settings = loadSettings(join(examples, name, 'sallyport.yaml'));
    await expect(renderStatic(settings).text).toMatchFileSnapshot(join(examples, name, 'envoy.yaml'));
  });

  it('gives the committed watched example', async () => {
    const settings = loadSettings(join(examples, 'watched/sallyport.yaml'));
    for (const file of renderWatched(settings, '/etc/sallyport/envoy')) {
      await expect(file.text).toMatchFileSnapshot(join(examples, 'watched', file.name));
    }
  });

  it.each(working)('watched, it is the static one in three files: %s', (name) => {
    const settings = loadSettings(join(configs, name));
    const { listeners, clusters } = parts.parse(parse(renderStatic(settings).text)).static_resources;
    const [bootstrap, cds, lds] = renderWatched(settings, '/etc/envoy');
    const own = z.object({ static_resources: z.object({ clusters: z.array(z.unknown()) }) }).parse(parse(bootstrap?.text ?? ''));

    expect([...own.static_resources.clusters, ...plain(cds?.text ?? '')]).toEqual(clusters);
    expect(plain(lds?.text ?? '')).toEqual(listeners);
  });

  it('puts clusters before the listener that names them', () => {
    const names = renderWatched(loadSettings(join(configs, 'working_mixed.yaml')), '/etc/envoy').map(({ name }) => name);
    expect(names.indexOf('cds.yaml')).toBeLessThan(names.indexOf('lds.yaml'));
  });

  it('has a place for every comment', () => {
    const used = working.flatMap((name) => [...addComments(new Document(parse(renderStatic(loadSettings(join(configs, name))).text)))]);
    expect(COMMENT_KEYS.filter((key) => !used.includes(key))).toEqual([]);
  });
});
