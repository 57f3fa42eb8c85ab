import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { checkCommand } from '../../../src/cli/check.ts';
import { envoyCommand } from '../../../src/cli/render.ts';
import { BUSTED } from '../../config/busted.ts';
import { PROC } from '../../config/broken-places.ts';
import { edit } from '../../config/edit.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { startCommands } from '../cli/command-context.ts';

const configs = join(import.meta.dirname, '../../config');
const namesThat = (start: string): string[] => readdirSync(configs).filter((name) => name.startsWith(start) && name.endsWith('.yaml'));

const { run, remove } = startCommands();
const opened: TempDir[] = [];
afterEach(() => {
  for (const directory of opened.splice(0)) {
    directory.remove();
  }
  remove();
});

/** A directory with these settings as `sallyport.yaml` and every file and directory that any of the working ones names. */
function placeSettings(name: string): TempDir {
  const directory = makeTempDir();
  opened.push(directory);
  mkdirSync(directory.file('run'));
  const settings = parseDocument(readFileSync(join(configs, name), 'utf8'));
  // Its default lies where a test may not write.
  if (!settings.hasIn(['edge', 'admin'])) {
    settings.setIn(['edge', 'admin'], 'unix:run/admin.sock');
  }
  writeFileSync(directory.file('sallyport.yaml'), String(settings));
  for (const file of [
    'tls.pem',
    'clients.pem',
    'ca.pem',
    'envoy.pem',
    'sidecar.pem',
    'openai.key',
    'anthropic.key',
    'azure.key',
    'pepper',
  ]) {
    writeFileSync(directory.file(file), 'x', { mode: 0o600 });
  }
  return directory;
}

const check = (directory: TempDir, ...args: string[]) => run(checkCommand(directory.file('sallyport.yaml')), ...args);

async function render(directory: TempDir, ...args: string[]): Promise<void> {
  expect((await run(envoyCommand(directory.file('sallyport.yaml')), 'render', ...args)).code).toBe(0);
}

describe('check, of settings', () => {
  it.each(namesThat('working_'))('has no finding: %s', async (name) => {
    expect(await check(placeSettings(name))).toEqual({ code: 0, stdout: '', stderr: 'sallyport check: no errors, no warnings\n' });
  });

  it('has a row for every busted file', () => {
    expect(BUSTED.map(({ name }) => `busted_${name}.yaml`).toSorted()).toEqual(namesThat('busted_').toSorted());
  });

  it.each(BUSTED)('says what is wrong: $name', async ({ name, says }) => {
    const file = join(configs, `busted_${name}.yaml`);
    const { code, stdout } = await run(checkCommand(file));
    expect(code).toBe(1);
    expect(stdout).toContain(`error settings-invalid ${file}${says}`);
    expect(stdout).not.toContain('0123456789abcdef');
    expect(stdout).not.toContain('Zx9Qm2');
  });

  it('says where a file is no YAML', async () => {
    const directory = makeTempDir();
    opened.push(directory);
    writeFileSync(directory.file('sallyport.yaml'), 'version: 1\nlisten: { grpc: [unix:run/grpc.sock\nedge: {}\n');
    const { code, stdout } = await check(directory);
    expect(code).toBe(1);
    expect(stdout).toContain(`error settings-invalid ${directory.file('sallyport.yaml')}:3: `);
  });

  it('says where it looked when there is no file', async () => {
    const directory = makeTempDir();
    opened.push(directory);
    const { code, stdout } = await check(directory);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error settings-invalid .*sallyport\.yaml: cannot be read; name the file with --config FILE\n$/);
  });
});

describe('check, of the machine', () => {
  it.each([
    ['pepper', 0o644, 'identity.virtualKeys.pepper', '0644'],
    ['openai.key', 0o646, 'providers.openai.credential.secret', '0646'],
    ['tls.pem', 0o604, 'edge.certificate', '0604'],
  ])('warns of a secret that others may read: %s', async (file, mode, where, shown) => {
    const directory = placeSettings('working_minimal.yaml');
    chmodSync(directory.file(file), mode);
    const { code, stdout } = await check(directory);
    expect(stdout).toContain(`warning secret-readable ${where}: `);
    expect(stdout).toContain(`(${directory.file(file)}, mode ${shown})`);
    expect(code).toBe(0);
    expect((await check(directory, '--strict')).code).toBe(1);
  });

  it('has nothing against a secret that a group of its own may read', async () => {
    const directory = placeSettings('working_minimal.yaml');
    chmodSync(directory.file('openai.key'), 0o440);
    expect((await check(directory)).stdout).not.toContain('secret-readable');
  });

  it('warns of missing files and directories', async () => {
    const directory = placeSettings('working_mixed.yaml');
    const text = readFileSync(directory.file('sallyport.yaml'), 'utf8');
    writeFileSync(directory.file('sallyport.yaml'), text.replaceAll('unix:run/', 'unix:gone/').replace('file:pepper', 'file:none'));
    const { stdout } = await check(directory);
    expect(stdout).toContain('warning file-missing identity.virtualKeys.pepper: ');
    expect(stdout).toContain('warning directory-missing listen.grpc.0: ');
    const ledger = 'ledger: { url: "redis://127.0.0.1:6379", password: file:none, ca: file:none.pem }\n';
    writeFileSync(directory.file('sallyport.yaml'), `${text}${ledger}`);
    const { stdout: ofLedger } = await check(directory);
    expect(ofLedger).toContain('warning file-missing ledger.password: ');
    expect(ofLedger).toContain('warning file-missing ledger.ca: ');
    expect(stdout).toContain('warning directory-missing edge.admin: ');
  });

  it('finds a directory of sockets where everyone may write', async () => {
    const directory = placeSettings('working_mixed.yaml');
    chmodSync(directory.file('run'), 0o777);
    const { code, stdout } = await check(directory);
    expect(stdout).toContain('error directory-open listen.sds.0: ');
    expect(code).toBe(1);
  });
});

describe('check, of Envoy files', () => {
  it('takes a rendered directory, its bootstrap, a static file, without findings', async () => {
    const directory = placeSettings('working_mixed.yaml');
    await render(directory, '--watched', '--out', directory.file('watched'));
    await render(directory, '--out', directory.file('static'));
    for (const place of ['watched', 'watched/envoy.yaml', 'static', 'static/envoy.yaml']) {
      expect(await check(directory, '--envoy', directory.file(place)), place).toMatchObject({ code: 0, stdout: '' });
      expect(await check(directory, '--alone', '--envoy', directory.file(place)), place).toMatchObject({ code: 0, stdout: '' });
    }
  });

  it('finds what somebody changed in the listener’s file', async () => {
    const directory = placeSettings('working_mixed.yaml');
    await render(directory, '--watched', '--out', directory.file('w'));
    const lds = readFileSync(directory.file('w/lds.yaml'), 'utf8');
    writeFileSync(directory.file('w/lds.yaml'), lds.replaceAll('failure_mode_allow: false', 'failure_mode_allow: true'));
    const { code, stdout, stderr } = await check(directory, '--envoy', directory.file('w'));
    expect(code).toBe(1);
    expect(stdout.split('\n').map((line) => line.split(':')[0])).toEqual([
      'error authz-fail-open listeners.edge.http_filters.ext_authz.failure_mode_allow',
      'error proc-fail-open listeners.edge.http_filters.ext_proc.failure_mode_allow',
      '',
    ]);
    expect(stderr).toBe('sallyport check: 2 errors, no warnings\n');
  });

  it('does not take a missing file for a good one', async () => {
    const directory = placeSettings('working_minimal.yaml');
    await render(directory, '--watched', '--out', directory.file('w'), '--as', '/nowhere');
    writeFileSync(directory.file('alone.yaml'), readFileSync(directory.file('w/envoy.yaml')));
    const { code, stdout } = await check(directory, '--envoy', directory.file('alone.yaml'));
    expect(code).toBe(1);
    expect(stdout).toContain('error unseen dynamic_resources.lds_config: ');
  });

  it('compares with the settings unless it is alone', async () => {
    const directory = placeSettings('working_minimal.yaml');
    await render(directory, '--out', directory.path);
    const text = readFileSync(directory.file('sallyport.yaml'), 'utf8');
    writeFileSync(directory.file('sallyport.yaml'), text.replace('api.openai.com', 'eu.api.openai.com'));
    expect((await check(directory, '--envoy', directory.file('envoy.yaml'))).stdout).toContain(
      'error provider-address clusters.openai.endpoints: ',
    );
    expect((await check(directory, '--alone', '--envoy', directory.file('envoy.yaml'))).stdout).toBe('');
  });

  it('prints names of a configuration on one line', async () => {
    const directory = placeSettings('working_minimal.yaml');
    await render(directory, '--out', directory.path);
    const config: unknown = parse(readFileSync(directory.file('envoy.yaml'), 'utf8'));
    edit(config, `${PROC}/failure_mode_allow`, true);
    edit(config, 'static_resources/listeners/@edge/name', 'edge\u001b[2J\nerror');
    writeFileSync(directory.file('envoy.yaml'), stringify(config));
    const { stdout } = await check(directory, '--envoy', directory.file('envoy.yaml'));
    expect(stdout).toBe(
      'error proc-fail-open listeners.edge?[2J?error.http_filters.ext_proc.failure_mode_allow: ext_proc lets requests pass when Sallyport gives no answer; remove failure_mode_allow\n',
    );
  });

  it('prints JSON', async () => {
    const directory = placeSettings('working_minimal.yaml');
    await render(directory, '--out', directory.path);
    const text = readFileSync(directory.file('envoy.yaml'), 'utf8');
    writeFileSync(directory.file('envoy.yaml'), text.replace('merge_slashes: true', 'merge_slashes: false'));
    const { code, stdout } = await check(directory, '--json', '--envoy', directory.file('envoy.yaml'));
    expect(code).toBe(0);
    const finding = z.object({ id: z.string(), severity: z.string(), where: z.string(), message: z.string() });
    const printed = z.object({ errors: z.number(), warnings: z.number(), findings: z.array(finding) }).parse(JSON.parse(stdout));
    expect(printed).toMatchObject({
      errors: 0,
      warnings: 1,
      findings: [{ id: 'slashes-not-merged', where: 'listeners.edge.merge_slashes' }],
    });
  });

  it.each([
    ['a missing file', 'none.yaml', undefined, 'there is no such file'],
    ['no YAML', 'bad.yaml', 'a: [', 'bad.yaml:1: '],
    ['a key that stands twice', 'twice.yaml', 'a: 1\na: 2\n', 'twice.yaml:2: Map keys must be unique'],
    ['a list within itself', 'loop.yaml', 'a: &a [*a]\n', 'nested deeper than'],
  ])('refuses %s', async (_name, file, text, says) => {
    const directory = placeSettings('working_minimal.yaml');
    if (text !== undefined) {
      writeFileSync(directory.file(file), text);
    }
    const { code, stderr } = await check(directory, '--envoy', directory.file(file));
    expect(code).toBe(1);
    expect(stderr).toContain(says);
  });
});

describe('check, called wrongly', () => {
  it.each([
    [['--envoy', 'a', '--admin', 'b'], 'choose one of --envoy and --admin'],
    [['--alone'], '--alone belongs to --envoy or --admin'],
    [['--admin', 'ftp://host'], '--admin takes'],
    [['--admin', 'https://127.0.0.1:1'], '--admin takes'],
    [['file.yaml'], 'unexpected argument'],
    [['--nonsense'], 'nonsense'],
  ])('%j', async (args, says) => {
    const { code, stderr } = await check(placeSettings('working_minimal.yaml'), ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe('check, of an admin address', () => {
  it('says that nothing answers', async () => {
    const directory = placeSettings('working_minimal.yaml');
    const { code, stderr } = await check(directory, '--admin', `unix:${directory.file('none.sock')}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/no answer from unix:.*is Envoy running/);
  });

  it.each([
    [403, 'no', 'allow /config_dump under admin.allow_paths'],
    [200, 'hello', 'did not answer with a configuration'],
    [200, '{"configs": []}', undefined],
  ])('judges an answer: %j %s', async (status, body, says) => {
    const directory = placeSettings('working_minimal.yaml');
    const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(directory.file('admin.sock'));
    await once(server, 'listening');
    try {
      const { code, stdout, stderr } = await check(directory, '--admin', `unix:${directory.file('admin.sock')}`);
      expect(code).toBe(1);
      expect(says === undefined ? stdout : stderr).toContain(says ?? 'error unseen');
    } finally {
      server.close();
    }
  });
});
