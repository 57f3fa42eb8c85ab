import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadSettings } from '../config/load.ts';
import { renderStatic, renderWatched, type RenderedFile } from '../envoy/render.ts';
import { refusePositionals, RefusedError, UsageError, type Arguments } from './arguments.ts';
import { EXIT, type Command } from './command.ts';
import { runAction, toJson, type Action } from './run-command.ts';

const fileMode = 0o644;
const suffixBytes = 6;

const renderUsage = `Usage: sallyport envoy render [--static | --watched] [--out DIR] [--as DIR] [--json] [--config FILE]

Writes Envoy's whole configuration from the settings.

  --static       one file, envoy.yaml (the default)
  --watched      envoy.yaml beside lds.yaml and cds.yaml, which Envoy watches: a new model or provider needs no restart
  --out DIR      write the files into DIR, each replaced at once; without it the one file goes to standard output
  --stdout       the same as no --out
  --as DIR       with --watched: where Envoy will find DIR, if that is elsewhere (a container's mount)
  --json         print as JSON what was written
`;

const renderAction = (file: string): Action => ({
  name: 'envoy render',
  usage: renderUsage,
  names: { texts: ['out', 'as'], flags: ['static', 'watched', 'stdout'] },
  work: async (args, context) => {
    refusePositionals(args);
    const directory = outDirectory(args);
    const settings = loadSettings(file);
    if (directory === undefined) {
      const { name, text } = renderStatic(settings);
      context.stdout(args.has('json') ? toJson([{ name, text }]) : text);
      return;
    }
    const files = args.has('watched') ? renderWatched(settings, args.text('as') ?? directory) : [renderStatic(settings)];
    const written = await writeFiles(directory, files);
    context.stdout(
      args.has('json') ? toJson(written) : written.map(({ path, changed }) => `${changed ? 'wrote' : 'unchanged'} ${path}\n`).join(''),
    );
  },
});

function outDirectory(args: Arguments): string | undefined {
  const out = args.text('out');
  if (args.has('static') && args.has('watched')) {
    throw new UsageError('choose one of --static and --watched');
  }
  if (out !== undefined && args.has('stdout')) {
    throw new UsageError('choose one of --out and --stdout');
  }
  if (out === undefined && args.has('watched')) {
    throw new UsageError('--watched makes three files: give their directory with --out DIR');
  }
  if (args.has('as') && !args.has('watched')) {
    throw new UsageError('--as belongs to --watched: a static configuration names no directory');
  }
  return out === undefined ? undefined : resolve(out);
}

interface Written {
  readonly path: string;
  readonly changed: boolean;
}

/** In the given order, so that clusters are there before the listener that names them. An equal file is left alone: Envoy would load it again. */
async function writeFiles(directory: string, files: readonly RenderedFile[]): Promise<readonly Written[]> {
  const written: Written[] = [];
  try {
    await mkdir(directory, { recursive: true });
    for (const { name, text } of files) {
      const path = join(directory, name);
      const changed = (await readFile(path, 'utf8').catch(() => undefined)) !== text;
      if (changed) {
        await replaceFile(path, text);
      }
      written.push({ path, changed });
    }
  } catch (error) {
    const done = written.filter(({ changed }) => changed).map(({ path }) => path);
    const reason = error instanceof Error ? error.message : String(error);
    throw new RefusedError(
      `cannot write (${reason}); ${done.length === 0 ? 'nothing was changed' : `already written: ${done.join(', ')}`}`,
    );
  }
  return written;
}

/** A reader sees the old file or the new one, never a part: Envoy reloads at the rename. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(suffixBytes).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', fileMode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const usage = `Usage: sallyport envoy render [options]

"sallyport envoy render --help" says more.
`;

/** What concerns Envoy: its configuration. `file` is the settings file. */
export const envoyCommand = (file: string): Command => ({
  name: 'envoy',
  summary: 'render Envoy’s configuration from the settings',
  usage,
  async run(args, context) {
    const [name, ...rest] = args;
    if (name === 'render') {
      return runAction(renderAction(file), rest, context);
    }
    if (name === undefined || name === '--help') {
      context.stdout(usage);
      return name === undefined ? EXIT.usage : EXIT.done;
    }
    context.stderr(`sallyport envoy: unknown action: use render\n${usage}`);
    return EXIT.usage;
  },
});
