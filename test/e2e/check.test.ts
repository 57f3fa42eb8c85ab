import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkCommand } from '../../src/cli/check.ts';
import { envoyCommand } from '../../src/cli/render.ts';
import { BROKEN } from '../config/broken.ts';
import { edit } from '../config/edit.ts';
import { makeCertificates } from '../support/certificates.ts';
import { findEnvoy, startEnvoy, type RunningEnvoy } from '../support/envoy.ts';
import { lastLines, startProcess, type RunningProcess } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';
import { startCommands } from '../unit/cli/command-context.ts';

const root = join(import.meta.dirname, '../..');
/** Envoy waits 15 s for keys that no sidecar serves here. */
const liveDeadlineMs = 90_000;
const adminDeadlineMs = 30_000;

const { run, remove } = startCommands();
const opened: TempDir[] = [];
afterAll(() => {
  for (const directory of opened) {
    directory.remove();
  }
  remove();
});

/** A settings file with its paths in a fresh directory, its ports chosen by the kernel, and the files that Envoy reads. */
async function place(source: string): Promise<TempDir> {
  const directory = makeTempDir();
  opened.push(directory);
  const { server, ca } = await makeCertificates();
  mkdirSync(directory.file('run'));
  writeFileSync(directory.file('tls.pem'), server.cert + server.key, { mode: 0o600 });
  writeFileSync(directory.file('clients.pem'), ca.cert);
  const settings = readFileSync(join(root, source), 'utf8')
    .replaceAll('/etc/sallyport', directory.path)
    .replaceAll('/run/sallyport', directory.file('run'))
    .replace(/listen: \S+:8443/, 'listen: 127.0.0.1:0')
    .replace(/admin: 127\.0\.0\.1:9901/, 'admin: 127.0.0.1:0');
  writeFileSync(directory.file('sallyport.yaml'), settings);
  return directory;
}

async function render(directory: TempDir, ...args: string[]): Promise<string> {
  const { code, stderr } = await run(envoyCommand(directory.file('sallyport.yaml')), 'render', '--out', directory.file('envoy'), ...args);
  expect(code, stderr).toBe(0);
  return directory.file('envoy/envoy.yaml');
}

const addressOf = (admin: string): string => (admin.startsWith('/') ? `unix:${admin}` : `http://${admin}`);

const check = (directory: TempDir, admin: string) => run(checkCommand(directory.file('sallyport.yaml')), '--admin', admin);

const EXAMPLES = [
  { name: 'authz-proc', args: [] },
  { name: 'proc', args: [] },
  { name: 'watched', args: ['--watched'] },
] as const;

describe('each shipped example, with its paths in a directory of this machine', () => {
  const started = new Map<string, { readonly directory: TempDir; readonly envoy: RunningEnvoy }>();
  const running = (name: string): { readonly directory: TempDir; readonly envoy: RunningEnvoy } => {
    const found = started.get(name);
    if (found === undefined) {
      throw new Error(`the example ${name} was not started`);
    }
    return found;
  };
  beforeAll(async () => {
    const results = await Promise.allSettled(
      EXAMPLES.map(async ({ name, args }) => {
        const directory = await place(`envoy/${name}/sallyport.yaml`);
        const path = await render(directory, ...args);
        const envoy = await startEnvoy({ config: { path }, baseDirectory: directory.path, readyDeadlineMs: liveDeadlineMs });
        started.set(name, { directory, envoy });
      }),
    );
    // Only now: one that failed must not leave another running that was still starting.
    for (const result of results) {
      if (result.status === 'rejected') {
        throw result.reason;
      }
    }
  });
  afterAll(async () => {
    await Promise.all([...started.values()].map(({ envoy }) => envoy.stop()));
  });

  it.each(EXAMPLES)('passes Envoy’s own validation: $name', async ({ name }) => {
    const config = running(name).directory.file('envoy/envoy.yaml');
    const { stderr } = await promisify(execFile)(findEnvoy(), ['--mode', 'validate', '-c', config, '--log-level', 'error']);
    expect(stderr).not.toContain('error');
  });

  it.each(EXAMPLES)('runs, listens, and has no finding while it does: $name', async ({ name }) => {
    const { directory, envoy } = running(name);
    expect(envoy.port('edge')).toBeGreaterThan(0);
    expect(await check(directory, addressOf(envoy.admin))).toMatchObject({ code: 0, stdout: '' });
  });

  it('is found out when the settings change and Envoy has not', async () => {
    const { directory, envoy } = running('watched');
    const file = directory.file('changed.yaml');
    const settings = readFileSync(directory.file('sallyport.yaml'), 'utf8');
    writeFileSync(file, settings.replace('https://api.openai.com', 'https://eu.api.openai.com'));
    const { code, stdout } = await run(checkCommand(file), '--admin', addressOf(envoy.admin));
    expect(code).toBe(1);
    expect(stdout).toContain('error provider-address clusters.openai.endpoints: ');
    expect(stdout).toContain('warning config-stale listeners.edge.http_filters.ext_proc.');
  });
});

/** Those whose dump differs most from the file: defaults that are left out, numbers as text, enums, redacted and merged parts. */
const LIVE = [
  'ext_authz fails open, in camel case',
  'ext_proc disabled for all routes',
  'no request headers, as a number',
  'response phases by default',
  'one credential header is visible',
  'header_to_metadata writes the order, in camel case and a TypedStruct',
  'a gate on what the route says',
  'a gate that denies what is allowed',
  'the key of another provider',
  'a slow first health check',
  'panic by default',
  'another body limit',
  'the client’s certificate header',
  'a later layer switches off',
  'a trace with keys',
];

describe('a broken configuration that runs', () => {
  let directory: TempDir;
  beforeAll(async () => {
    directory = await place('envoy/authz-proc/sallyport.yaml');
  });

  it('has a row for each', () => {
    expect(LIVE.filter((name) => !BROKEN.some((row) => row.name === name))).toEqual([]);
  });

  it.each(BROKEN.filter(({ name }) => LIVE.includes(name)))('is found out by its admin interface: $name', async ({ set, finds }) => {
    const path = await render(directory);
    const config: unknown = parse(readFileSync(path, 'utf8'));
    for (const [where, value] of Object.entries(set)) {
      edit(config, where, value);
    }
    writeFileSync(path, stringify(config));
    await using envoy = await startProcess(
      findEnvoy(),
      ['-c', path, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'error'],
      {
        cwd: dirname(path),
        name: 'envoy',
      },
    );
    const { code, stdout } = await untilAnswered(envoy, () => check(directory, `unix:${directory.file('run/envoy-admin.sock')}`));
    const ids = stdout.split('\n').flatMap((line) => line.split(' ')[1] ?? []);
    expect([...new Set(ids)].toSorted()).toEqual(finds.toSorted());
    expect(code).toBe(stdout.startsWith('error') ? 1 : 0);
  });
});

/** The admin interface answers before keys have come; `check` says so when nothing does. */
function untilAnswered<Ran extends { readonly stderr: string }>(envoy: RunningProcess, ask: () => Promise<Ran>): Promise<Ran> {
  return until(
    async () => {
      if (envoy.exit() !== undefined) {
        throw new Error(`envoy ended:\n${lastLines(envoy.output())}`);
      }
      const ran = await ask();
      return ran.stderr.includes('no answer from') ? undefined : ran;
    },
    { deadlineMs: adminDeadlineMs, what: 'envoy’s admin interface' },
  );
}
