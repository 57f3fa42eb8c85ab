import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { envoyCommand } from '../../../src/cli/render.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { renderStatic, renderWatched } from '../../../src/envoy/render.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { startCommands } from '../cli/command-context.ts';

const file = join(import.meta.dirname, '../../config/working_mixed.yaml');
const settings = loadSettings(file);

const { run, remove } = startCommands();
const opened: TempDir[] = [];
afterEach(() => {
  for (const directory of opened.splice(0)) {
    directory.remove();
  }
  remove();
});

function tempDir(): TempDir {
  const directory = makeTempDir();
  opened.push(directory);
  return directory;
}

const render = (...args: string[]) => run(envoyCommand(file), 'render', ...args);

describe('envoy render', () => {
  it('prints one static file unless told otherwise', async () => {
    const { text } = renderStatic(settings);
    expect(await render()).toEqual({ code: 0, stdout: text, stderr: '' });
    expect(await render('--static', '--stdout')).toEqual({ code: 0, stdout: text, stderr: '' });
  });

  it('writes the watched files, clusters before the listener, and nothing beside them', async () => {
    const directory = tempDir();
    const { code, stdout } = await render('--watched', '--out', directory.path);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual(['envoy.yaml', 'cds.yaml', 'lds.yaml'].map((name) => `wrote ${directory.file(name)}`));
    expect(readdirSync(directory.path).toSorted()).toEqual(['cds.yaml', 'envoy.yaml', 'lds.yaml']);
    for (const { name, text } of renderWatched(settings, directory.path)) {
      expect(readFileSync(directory.file(name), 'utf8')).toBe(text);
    }
  });

  it('names the directory that Envoy sees', async () => {
    const directory = tempDir();
    await render('--watched', '--out', directory.path, '--as', '/etc/envoy');
    expect(readFileSync(directory.file('envoy.yaml'), 'utf8')).toContain('path: /etc/envoy/lds.yaml');
  });

  it('leaves an equal file alone and replaces another by rename', async () => {
    const directory = tempDir();
    await render('--watched', '--out', directory.path);
    writeFileSync(directory.file('cds.yaml'), 'old');
    const before = { cds: statSync(directory.file('cds.yaml')).ino, lds: statSync(directory.file('lds.yaml')).ino };
    const { stdout } = await render('--watched', '--out', directory.path);
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['unchanged', 'wrote', 'unchanged', '']);
    expect(statSync(directory.file('lds.yaml')).ino).toBe(before.lds);
    expect(statSync(directory.file('cds.yaml')).ino).not.toBe(before.cds);
  });

  it('says what was not written, and leaves no temporary file', async () => {
    const directory = tempDir();
    writeFileSync(directory.file('file'), '');
    const { code, stderr } = await render('--out', directory.file('file'));
    expect(code).toBe(1);
    expect(stderr).toContain('nothing was changed');
    chmodSync(directory.path, 0o700);
    expect(readdirSync(directory.path)).toEqual(['file']);
  });

  it.each([
    [['--watched'], '--out DIR'],
    [['--watched', '--static'], 'choose one'],
    [['--out', 'x', '--stdout'], 'choose one'],
    [['--as', '/x'], '--as belongs to --watched'],
    [['x'], 'unexpected argument'],
  ])('refuses %j', async (args, says) => {
    const { code, stderr } = await render(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });

  it('knows no other action', async () => {
    expect((await run(envoyCommand(file), 'paint')).code).toBe(2);
    expect((await run(envoyCommand(file))).code).toBe(2);
  });
});
