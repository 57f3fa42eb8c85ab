// Set-up of a fresh machine: dependencies, Node 24, Envoy and the emulators of the tests. Built-ins only, any LTS Node.
// Run by `pretest`, `predemo` and their like; does nothing where everything is there already.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installEmulators } from './emulators.mjs';
import { installEnvoy } from './envoy.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');
const nodeVersion = 'v24.21.0';

/** @param {string} text */
const log = (text) => process.stderr.write(`set-up: ${text}\n`);

/** @param {string} text @returns {never} */
function stop(text) {
  log(text);
  process.exit(1);
}

function installDependencies() {
  const stamp = join(root, 'node_modules/.sallyport-lock');
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) {
    return;
  }
  log('installing the npm dependencies (npm ci)');
  const startedMs = Date.now();
  const run = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (run.status !== 0) {
    stop('npm ci failed: read its message above; it needs the npm registry');
  }
  writeFileSync(stamp, digest);
  log(`npm dependencies installed in ${seconds(startedMs)}`);
}

/** A failed optional install is silent, so the version is asked for. */
function assertNode() {
  const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  const { stdout, error } = spawnSync('node', ['--version'], { env: { ...process.env, PATH: path }, encoding: 'utf8' });
  const found = error === undefined ? stdout.trim() : '';
  if (found !== nodeVersion && !(found.startsWith('v24.') && process.platform !== 'linux')) {
    stop(
      `needs Node ${nodeVersion}, found ${found === '' ? 'none' : found}: on Linux it comes with the dependencies (delete node_modules and run again), elsewhere install Node 24`,
    );
  }
}

/** @param {number} startedMs */
const seconds = (startedMs) => `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;

mkdirSync(cache, { recursive: true });
installDependencies();
assertNode();
try {
  await installEnvoy({ cacheDir: cache, log });
  if (process.argv.includes('--emulators')) {
    await installEmulators('servers', { cacheDir: cache, log });
    await installEmulators('presidio', { cacheDir: cache, log });
  }
} catch (error) {
  stop(error instanceof Error ? error.message : String(error));
}
if (spawnSync('openssl', ['version']).status !== 0) {
  stop('needs the program openssl for a self-signed certificate: install it (Debian: apt-get install openssl)');
}
