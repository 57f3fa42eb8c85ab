import { parse } from 'yaml';
import { loadSettings } from '../config/load.ts';
import { SettingsError } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import { reporter, type Finding } from '../envoy/lint/finding.ts';
import { lintEnvoy } from '../envoy/lint/lint.ts';
import { NestingError } from '../envoy/lint/normalise.ts';
import { renderStatic } from '../envoy/render.ts';
import { refusePositionals, RefusedError, UsageError, type Arguments } from './arguments.ts';
import { readEnvoyAdmin, readEnvoyFiles, type EnvoyConfig } from './check-envoy.ts';
import { checkEnvironment, ENVIRONMENT } from './check-environment.ts';
import type { Command } from './command.ts';
import { runAction, toJson, type Action } from './run-command.ts';

const usage = `Usage: sallyport check [--envoy FILE|DIR | --admin ADDRESS] [--alone] [--strict] [--json] [--config FILE]

Finds what is unsafe or amiss, before it runs or while it does. Without options: the settings file, the files and
directories that it names, and the Envoy configuration that would be rendered from it.

  --envoy FILE|DIR   Envoy's bootstrap file with the files that it watches, a directory of them, or a saved /config_dump
  --admin ADDRESS    a running Envoy, by its admin address: http://127.0.0.1:9901 or unix:/run/sallyport/envoy-admin.sock
  --alone            with those: judge the configuration for itself, without comparing it with the settings
  --strict           warnings fail too
  --json             print the findings as JSON

One finding a line: severity, id, place, message. docs/check.md explains every id.
Exit code 0: no error; 1: errors, or something could not be read; 2: called wrongly.
`;

/** Throws `SettingsError`. */
type LoadSettings = (file: string) => Settings;

const checkAction = (file: string, load: LoadSettings): Action => ({
  name: 'check',
  usage,
  names: { texts: ['envoy', 'admin'], flags: ['alone', 'strict'] },
  work: async (args, context) => {
    refusePositionals(args);
    const findings = await findingsFor(args, file, load);
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const warnings = findings.length - errors;
    const text = findings.map((finding) => `${describeFinding(finding)}\n`).join('');
    context.stdout(args.has('json') ? toJson({ errors, warnings, findings }) : text);
    const summary = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
    if (errors > 0 || (args.has('strict') && warnings > 0)) {
      throw new RefusedError(summary);
    }
    context.stderr(`sallyport check: ${summary}\n`);
  },
});

const counted = (count: number, word: string): string => `${count === 0 ? 'no' : String(count)} ${word}${count === 1 ? '' : 's'}`;

/** On one line, whatever a configuration holds: names in it come from elsewhere. */
const describeFinding = ({ severity, id, where, message }: Finding): string =>
  `${severity} ${id} ${where}: ${message}`.replace(/\p{Cc}/gu, '?');

async function findingsFor(args: Arguments, file: string, load: LoadSettings): Promise<readonly Finding[]> {
  const envoy = args.text('envoy');
  const admin = args.text('admin');
  if (envoy !== undefined && admin !== undefined) {
    throw new UsageError('choose one of --envoy and --admin');
  }
  const elsewhere = envoy !== undefined || admin !== undefined;
  if (args.has('alone') && !elsewhere) {
    throw new UsageError('--alone belongs to --envoy or --admin');
  }
  const settings = args.has('alone') ? undefined : readSettings(file, load);
  if (settings instanceof SettingsError) {
    return problemsOf(settings, file);
  }
  if (envoy !== undefined) {
    return lint(readEnvoyFiles(envoy), settings);
  }
  if (admin !== undefined) {
    return lint(await readEnvoyAdmin(admin), settings);
  }
  return settings === undefined ? [] : [...lint(rendered(settings), settings), ...checkEnvironment(settings)];
}

function readSettings(file: string, load: LoadSettings): Settings | SettingsError {
  try {
    return load(file);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error;
    }
    throw error;
  }
}

const find = reporter(ENVIRONMENT);

const problemsOf = ({ problems }: SettingsError, file: string): readonly Finding[] =>
  problems.map(({ path, line, message }) => {
    const at = line === undefined ? file : `${file}:${String(line)}`;
    const finding = find('settings-invalid', { path: path === '' ? at : `${at} ${path}` });
    return { ...finding, message };
  });

const rendered = (settings: Settings): EnvoyConfig => ({ config: parse(renderStatic(settings).text), resources: [] });

function lint({ config, resources }: EnvoyConfig, settings: Settings | undefined): readonly Finding[] {
  try {
    return lintEnvoy(config, { resources, ...(settings === undefined ? {} : { settings }) });
  } catch (error) {
    if (error instanceof NestingError) {
      throw new RefusedError(`this is no Envoy configuration: ${error.message}`);
    }
    throw error;
  }
}

/** Judges settings, rendered and running configurations. `file` is the settings file, which `load` reads and judges. */
export const checkCommand = (file: string, load: LoadSettings = loadSettings): Command => ({
  name: 'check',
  summary: 'find what is unsafe in the settings or in Envoy’s configuration',
  usage,
  run: (args, context) => runAction(checkAction(file, load), args, context),
});
