// Everything that judges the code without running it, in one command. Built-ins only.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const checks = ['format', 'types', 'lint', 'folders', 'knip', 'coverage', 'build'];
const failed = checks.filter((name) => {
  process.stderr.write(`check: ${name}\n`);
  return spawnSync('npm', ['run', '--silent', name], { cwd: root, stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  process.stderr.write(`check: failed: ${failed.join(', ')}\n`);
  process.exit(1);
}
process.stderr.write('check: all good\n');
