import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { openKeyStore } from './adapters/sqlite/key-store.ts';
import { approvalsCommand } from './cli/approvals.ts';
import { blockCommand, unblockCommand } from './cli/block.ts';
import { checkCommand } from './cli/check.ts';
import { EXIT, type Command, type CommandContext } from './cli/command.ts';
import { explainCommand } from './cli/explain.ts';
import { keysCommand } from './cli/keys.ts';
import { operatorsCommand } from './cli/operators.ts';
import { envoyCommand } from './cli/render.ts';
import { usageWithRecovery } from './cli/usage-restore.ts';
import { usageCommand } from './cli/usage.ts';
import { loadSettings } from './config/load.ts';
import { SettingsError } from './config/problem.ts';
import type { Settings } from './config/settings.ts';
import type { Secret } from './core/secret.ts';
import { systemClock } from './core/clock.ts';
import { demoCommand } from './demo-command.ts';
import { openLedger } from './ledger.ts';
import { openCredentials } from './pipeline/credentials.ts';
import { pepperName } from './pipeline/ports.ts';
import { StoreError } from './ports/key-store.ts';
import { prepareDecisions } from './prepare.ts';
import { loadPricedSettings } from './pricing.ts';
import { openSecretStores, pepperEntry } from './secrets.ts';
import { serveCommand } from './serve-command.ts';

const defaultFile = 'sallyport.yaml';

/** Every command there is, in the order `--help` lists them. */
const commandsOf = (file: string): readonly Command[] => [
  serveCommand(file),
  demoCommand,
  checkCommand(file, loadPricedSettings),
  envoyCommand(file),
  explainCommand({ settings: () => prepareDecisions(loadPricedSettings(file)), stdin: () => process.stdin }),
  keysCommand,
  blockCommand,
  unblockCommand,
  operatorsCommand,
  approvalsCommand,
  usageWithRecovery(usageCommand, {
    openLedger: async () => openLedger(loadSettings(file)),
    processes: () => loadSettings(file).listen.grpc.length,
  }),
];

/** Runs one command of the command line; resolves to its exit code. `--config FILE` may stand anywhere. */
export async function runSallyport(args: readonly string[]): Promise<number> {
  const { file, rest } = takeConfig(args);
  const [name, ...more] = rest;
  if (file === undefined) {
    process.stderr.write('sallyport: --config needs the name of a file\n');
    return EXIT.usage;
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(usage());
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  const command = commandsOf(file).find((each) => each.name === name);
  if (command === undefined) {
    process.stderr.write(`sallyport: unknown command "${name}"\n${usage()}`);
    return EXIT.usage;
  }
  try {
    return await command.run(more, contextOf(file));
  } catch (error) {
    if (error instanceof SettingsError) {
      process.stderr.write(`${error.message}\n`);
      return EXIT.refused;
    }
    throw error;
  }
}

function takeConfig(args: readonly string[]): { readonly file: string | undefined; readonly rest: readonly string[] } {
  const joined = args.findIndex((arg) => arg.startsWith('--config='));
  if (joined >= 0) {
    return { file: args[joined]?.slice('--config='.length), rest: args.toSpliced(joined, 1) };
  }
  const at = args.indexOf('--config');
  return at < 0 ? { file: defaultFile, rest: args } : { file: args[at + 1], rest: args.toSpliced(at, 2) };
}

const usage = (): string => `Usage: sallyport COMMAND [options] [--config FILE]

Commands:
${commandsOf(defaultFile)
  .map((command) => `  ${command.name.padEnd(14)} ${command.summary}`)
  .join('\n')}

"sallyport COMMAND --help" says more. The settings are read from ${defaultFile} unless --config names another file.
`;

/** Whoever blocks somebody by the settings of another place must not be told that it is done. */
async function openStore(path: string, mustExist: boolean): ReturnType<typeof openKeyStore> {
  if (mustExist && !existsSync(path)) {
    throw new StoreError('unreachable', new Error(`there is no ${path}: no process of these settings has run here`));
  }
  return openKeyStore({ path });
}

/** What commands may use of the world, opened only when they ask. */
function contextOf(file: string): CommandContext {
  const settings = (): Settings => loadSettings(file);
  return {
    stdout: (text) => {
      process.stdout.write(text);
    },
    stderr: (text) => {
      process.stderr.write(text);
    },
    now: systemClock,
    randomBytes,
    openStore: async (mustExist) => openStore(settings().store.path, mustExist === true),
    pepper: async () => readPepper(settings()),
    settings: async () => settings(),
    openLedger: async () => openLedger(settings()),
    adminSockets: async () => settings().listen.admin,
    environment: (name) => process.env[name],
  };
}

/** The pepper, read once. Throws an error that says what to do where it cannot be had. */
async function readPepper(settings: Settings): Promise<Secret> {
  const stores = openSecretStores(settings, () => undefined);
  const credentials = openCredentials({
    entries: [pepperEntry(settings)],
    sources: stores.sources,
    clock: () => performance.now(),
    random: Math.random,
  });
  try {
    await credentials.first();
    const pepper = credentials.served(pepperName);
    if (pepper === undefined) {
      const [status] = credentials.status();
      throw new SettingsError('sallyport', [
        {
          path: 'identity.virtualKeys.pepper',
          line: undefined,
          message: `cannot be read (${status?.failure ?? status?.phase ?? 'unknown'}): see that ${settings.identity.pepper} exists and may be read`,
        },
      ]);
    }
    return pepper;
  } finally {
    credentials.close();
    stores.close();
  }
}
