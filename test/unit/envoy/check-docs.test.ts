import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ENVIRONMENT } from '../../../src/cli/check-environment.ts';
import { FINDINGS } from '../../../src/envoy/lint/lint.ts';

it('docs/check.md explains every finding as the tables do, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/check.md'), 'utf8');
  const written = text.split('\n').filter((line) => /^- `[a-z0-9-]+` \(/.test(line));
  const meant = Object.entries({ ...ENVIRONMENT, ...FINDINGS }).map(
    ([id, { severity, message, why }]) => `- \`${id}\` (${severity}): ${message}. ${why}`,
  );
  expect(written.toSorted()).toEqual(meant.toSorted());
});
