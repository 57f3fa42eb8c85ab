import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadSettings } from '../../../src/config/load.ts';
import { lintEnvoy } from '../../../src/envoy/lint/lint.ts';
import { NestingError } from '../../../src/envoy/lint/normalise.ts';
import { renderStatic, renderWatched } from '../../../src/envoy/render.ts';
import { PROC } from '../../config/broken-places.ts';
import { edit } from '../../config/edit.ts';

const settings = loadSettings(join(import.meta.dirname, '../../config/working_mixed.yaml'));
const parsed: unknown = parse(renderStatic(settings).text);
const rendered = (): unknown => structuredClone(parsed);

describe('what the linter reads', () => {
  it('says where a person finds it', () => {
    const config = rendered();
    edit(config, `${PROC}/failure_mode_allow`, true);
    expect(lintEnvoy(config)).toEqual([
      {
        id: 'proc-fail-open',
        severity: 'error',
        where: 'listeners.edge.http_filters.ext_proc.failure_mode_allow',
        message: 'ext_proc lets requests pass when Sallyport gives no answer; remove failure_mode_allow',
      },
    ]);
  });

  it('does not take a part that it did not see for a good one', () => {
    const [bootstrap, cds, lds] = renderWatched(settings, '/etc/envoy').map((file): unknown => parse(file.text));
    expect(lintEnvoy(bootstrap).map(({ id, where }) => [id, where])).toEqual([
      ['unseen', 'dynamic_resources.lds_config'],
      ['unseen', 'dynamic_resources.cds_config'],
    ]);
    expect(lintEnvoy(bootstrap, { resources: [lds] }).map(({ id, where }) => [id, where])).toContainEqual([
      'unseen',
      'dynamic_resources.cds_config',
    ]);
    expect(lintEnvoy(bootstrap, { resources: [lds, cds] })).toEqual([]);
  });

  it.each([[undefined], [null], [[]], [{}], ['text'], [{ configs: [] }], [{ configs: 'x' }], [{ static_resources: { listeners: {} } }]])(
    'finds nothing good in %j',
    (config) => {
      expect(lintEnvoy(config).map(({ id }) => id)).toContain('unseen');
    },
  );

  it('reports updates that Envoy refused, from a dump', () => {
    const failed = { '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster', name: 'openai' };
    const dump = {
      configs: [
        { '@type': 'type.googleapis.com/envoy.admin.v3.BootstrapConfigDump', bootstrap: rendered() },
        {
          '@type': 'type.googleapis.com/envoy.admin.v3.ClustersConfigDump',
          dynamic_active_clusters: [{ error_state: { failed_configuration: failed, details: 'no' } }],
        },
      ],
    };
    expect(lintEnvoy(dump).map(({ id, where }) => [id, where])).toContainEqual(['update-rejected', 'clusters.openai']);
  });

  it('judges a listener that drains as one that serves', () => {
    const config = rendered();
    edit(config, `${PROC}/observability_mode`, true);
    const { listeners } = z.object({ static_resources: z.object({ listeners: z.array(z.unknown()) }) }).parse(config).static_resources;
    const dump = {
      configs: [
        { '@type': 'type.googleapis.com/envoy.admin.v3.BootstrapConfigDump', bootstrap: {} },
        { dynamic_listeners: [{ draining_state: { listener: listeners[0] } }] },
      ],
    };
    expect(lintEnvoy(dump).map(({ id }) => id)).toContain('proc-observability');
  });

  it('refuses what is nested within itself', () => {
    const config: { inside?: unknown } = {};
    config.inside = config;
    expect(() => lintEnvoy(config)).toThrow(NestingError);
  });

  it('never throws on other data', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const config = rendered();
        edit(config, PROC, value);
        expect(Array.isArray(lintEnvoy(config, { settings, resources: [value] }))).toBe(true);
        expect(Array.isArray(lintEnvoy(value))).toBe(true);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
