// Which folder may import which. dependency-cruiser exits 0 with 0 modules where its parser is missing, so the check first
// plants a forbidden import and expects to be told, and then asserts that modules were seen at all. Built-ins only.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const canary = join(root, 'src/policy/folder-canary.ts');

/** @returns {{ readonly status: number | null, readonly output: string }} */
function cruise() {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', '--validate', '--', 'src'];
  const { status, stdout, stderr } = spawnSync('depcruise', args, { cwd: root, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

/** What the check says of a forbidden import; the file is gone again whatever happens. */
function cruiseWithCanary() {
  writeFileSync(canary, "import '../wire/server.ts';\n");
  try {
    return cruise();
  } finally {
    rmSync(canary, { force: true });
  }
}

const planted = cruiseWithCanary();
if (planted.status === 0 || !planted.output.includes('folder-canary.ts')) {
  process.stderr.write(`folders: a forbidden import was not noticed; the check itself is broken\n${planted.output}`);
  process.exit(1);
}
const { status, output } = cruise();
const modules = Number(/\((\d+) modules/.exec(output)?.[1] ?? 0);
if (status !== 0 || modules === 0) {
  process.stderr.write(`folders: ${modules} modules seen\n${output}`);
  process.exit(1);
}
process.stderr.write(`folders: ${modules} modules keep the rules\n`);
