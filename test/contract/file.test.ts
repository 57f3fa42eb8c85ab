import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileSource } from '../../src/adapters/file/source.ts';
import { SecretError, type SecretSource } from '../../src/ports/secret-source.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { describeSecretSource, fetchFrom, refusal, revealed } from './secret-source.ts';

const confirmAfterMs = 20;

const openFiles = (): number => readdirSync('/dev/fd').length;

describeSecretSource('a file', () => {
  const directory = makeTempDir();
  let count = 0;
  return Promise.resolve({
    source: openFileSource({ baseDirectory: directory.path, confirmAfterMs }),
    freshPath: () => `./secret-${String((count += 1))}`,
    put: (path, content) => {
      writeFileSync(join(directory.path, path), content, { mode: 0o600 });
      return Promise.resolve();
    },
    remove: (path) => {
      renameSync(join(directory.path, path), join(directory.path, `${path}.away`));
      return Promise.resolve();
    },
    restore: (path) => {
      renameSync(join(directory.path, `${path}.away`), join(directory.path, path));
      return Promise.resolve();
    },
    close: () => {
      directory.remove();
      return Promise.resolve();
    },
  });
});

describe('a file source', () => {
  let directory: TempDir;
  let source: SecretSource;
  let readable: string[];
  beforeEach(() => {
    directory = makeTempDir();
    readable = [];
    source = openFileSource({ baseDirectory: '/', confirmAfterMs, onReadableByOthers: (path) => readable.push(path) });
  });
  afterEach(() => {
    directory.remove();
  });

  const write = (name: string, content: string | Uint8Array, mode = 0o600): string => {
    const path = directory.file(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  it('follows the swap by which Kubernetes rotates a mounted secret', async () => {
    write('..v1/openai', 'sk-1');
    write('..v2/openai', 'sk-2');
    symlinkSync('..v1', directory.file('..data'));
    symlinkSync('..data/openai', directory.file('openai'));
    expect(revealed(await fetchFrom(source, directory.file('openai')))).toMatchObject({ current: 'sk-1' });
    symlinkSync('..v2', directory.file('..data_tmp'));
    renameSync(directory.file('..data_tmp'), directory.file('..data'));
    expect(revealed(await fetchFrom(source, directory.file('openai')))).toMatchObject({ current: 'sk-2' });
  });

  it('gives versions that neither show the value nor can be compared between processes', async () => {
    const path = write('key', 'sk-1');
    const other = openFileSource({ baseDirectory: '/' });
    const [one, two] = [await fetchFrom(source, path), await fetchFrom(other, path)];
    expect(one.kind === 'found' && /^[0-9a-f]{16}$/.test(one.current.version)).toBe(true);
    expect(one.kind === 'found' && two.kind === 'found' && one.current.version !== two.current.version).toBe(true);
  });

  it('keeps the version while only other fields of the file change', async () => {
    const path = write('key', '{"a":"sk-1","b":"x"}');
    const before = await fetchFrom(source, path, 'a');
    write('key', '{"a":"sk-1","b":"y"}');
    const after = await fetchFrom(source, path, 'a');
    expect(before.kind === 'found' && after.kind === 'found' && before.current.version === after.current.version).toBe(true);
  });

  it('does not take a file that is being replaced for gone', async () => {
    const path = directory.file('key');
    // The file comes within the pause before the confirming read.
    const patient = openFileSource({ baseDirectory: '/', confirmAfterMs: 300 });
    const work = fetchFrom(patient, path);
    write('key', 'sk-1');
    expect(revealed(await work)).toMatchObject({ current: 'sk-1' });
  });

  it('cannot tell, rather than says gone, when the directory is not there', async () => {
    write('mount/key', 'sk-1');
    rmSync(directory.file('mount'), { recursive: true });
    expect(await refusal(fetchFrom(source, directory.file('mount/key')), 'sk-1')).toBe('unreachable');
  });

  it.each([
    ['an empty file', (): string => write('key', ''), 'bad_value'],
    ['over 64 KiB', (): string => write('key', `{"a":"${'x'.repeat(70_000)}"}`), 'bad_value'],
    ['bytes that are not UTF-8', (): string => write('key', Uint8Array.of(0x73, 0xff, 0xfe)), 'bad_value'],
    ['a directory', (): string => directory.path, 'bad_value'],
    ['a link to itself', (): string => (symlinkSync('loop', directory.file('loop')), directory.file('loop')), 'unreachable'],
    ['a file for a directory', (): string => join(write('key', 'sk-1'), 'x'), 'unreachable'],
  ])('refuses %s', async (_what, make, code) => {
    expect(await refusal(fetchFrom(source, make()), 'sk-1')).toBe(code);
  });

  it('does not wait at a named pipe', async () => {
    const path = directory.file('pipe');
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', path]);
    expect(await refusal(fetchFrom(source, path), 'canary')).toBe('bad_value');
  });

  it('warns once of a file that others may read', async () => {
    const open = write('open', 'sk-1', 0o644);
    const closed = write('closed', 'sk-1', 0o600);
    for (const path of [open, open, closed]) {
      await fetchFrom(source, path);
    }
    expect(readable).toEqual([open]);
  });

  it('cannot tell when it may not read', async () => {
    const path = write('key', 'sk-1', 0o000);
    // Root may read everything; elsewhere the mode decides.
    const expected = process.getuid?.() === 0 ? 'found' : 'access_denied';
    const seen = await fetchFrom(source, path).then(
      (answer) => answer.kind,
      (error: unknown) => (error instanceof SecretError ? error.code : error),
    );
    expect(seen).toBe(expected);
  });

  it('leaves no descriptor open', async () => {
    const path = write('key', 'sk-1');
    await fetchFrom(source, path);
    const before = openFiles();
    for (let index = 0; index < 50; index += 1) {
      await fetchFrom(source, path);
      await fetchFrom(source, directory.path).catch(() => undefined);
    }
    expect(openFiles()).toBeLessThan(before + 10);
  });
});
