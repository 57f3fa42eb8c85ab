import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { parseSettings } from '../../../src/config/load.ts';
import { ENDPOINTS } from '../../../src/core/operation.ts';
import { codeIn, fenced, readText, root, rowsUnder } from './markdown.ts';

describe('docs/operations.md', () => {
  it('lists every metric with its labels', () => {
    const metric = z.object({ name: z.string(), labelNames: z.array(z.string()) });
    const own = openMetrics()
      .registry.getMetricsAsArray()
      .map((each) => metric.parse(each))
      .filter(({ name }) => !name.startsWith('sallyport_process_'));
    const listed = rowsUnder(readText('docs/operations.md'), 'Name').map((row) => [
      codeIn(row.get('Name')).join(),
      codeIn(row.get('Labels')),
    ]);
    expect(own.length).toBeGreaterThan(5);
    expect(listed).toEqual(own.map(({ name, labelNames }) => [name, labelNames]));
  });

  it('lists every field of the line about an exchange', () => {
    const source = readText('src/adapters/telemetry/telemetry.ts');
    const [, body = ''] = /const exchangeFields = [^{]*=> \(\{(.*?)\}\);/s.exec(source) ?? [];
    const fields = [...body.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
    expect(fields).toContain('exchange');
    expect(rowsUnder(readText('docs/operations.md'), 'Field').flatMap((row) => codeIn(row.get('Field')))).toEqual(fields);
  });
});

describe('docs/policies.md', () => {
  it('lists every operation with its endpoint', () => {
    const listed = rowsUnder(readText('docs/policies.md'), 'Operation').map((row) => [...row.values()].flatMap(codeIn).join(' '));
    expect(listed.toSorted()).toEqual(ENDPOINTS.map(({ operation, method, path }) => `${operation} ${method} ${path}`).toSorted());
  });
});

describe('docs/invariants.md', () => {
  it('names a test for each promise', () => {
    const rows = rowsUnder(readText('docs/invariants.md'), 'Promise');
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter((row) => !codeIn(row.get('Shown by')).every((file) => /^test\/.+\.test\.ts$/.test(file)))).toEqual([]);
    expect(rows.filter((row) => codeIn(row.get('Shown by')).length === 0)).toEqual([]);
  });
});

describe('README.md', () => {
  it('starts with settings that are accepted', () => {
    const [example = ''] = fenced(readText('README.md'), 'yaml');
    expect([...parseSettings(example, '/somewhere/state/sallyport.yaml').models.keys()]).toEqual(['gpt-4o-mini']);
  });
});

describe('docs/dependencies.md', () => {
  it('says of every dependency why it is there', () => {
    const names = z.record(z.string(), z.string());
    const manifest = z
      .object({ dependencies: names, optionalDependencies: names, devDependencies: names })
      .parse(JSON.parse(readText('package.json')));
    const declared = Object.values(manifest).flatMap((each) => Object.keys(each));
    const rows = rowsUnder(readText('docs/dependencies.md'), 'Package');
    expect(rows.flatMap((row) => codeIn(row.get('Package'))).toSorted()).toEqual(declared.toSorted());
    expect(rows.filter((row) => row.get('Why it earns its place') === '')).toEqual([]);
  });
});

const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/admin.md',
  'docs/approvals.md',
  'docs/architecture.md',
  'docs/configuration.md',
  'docs/dependencies.md',
  'docs/detection.md',
  'docs/errors.md',
  'docs/identity.md',
  'docs/invariants.md',
  'docs/operations.md',
  'docs/policies.md',
  'docs/secrets.md',
];

/** As GitHub makes anchors of headings. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(pages)('%s', (page) => {
  const text = readText(page);

  it('links to pages and headings that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, target = '', anchor]) => ({ target, anchor }));
    const broken = links.filter(({ target, anchor }) => {
      const file = target === '' ? resolve(root, page) : resolve(root, dirname(page), target);
      return !existsSync(file) || (anchor !== undefined && !anchorsOf(readText(file)).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('names files that are there', () => {
    const named = [...text.matchAll(/`((?:src|test|docs|deploy|envoy|protos|scripts|\.ci)\/[^`\s*<>]*)`/g)].map(([, file = '']) => file);
    expect(named.filter((file) => !existsSync(resolve(root, file)))).toEqual([]);
  });
});
