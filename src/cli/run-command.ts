import { StoreError } from '../ports/key-store.ts';
import { readArguments, RefusedError, UsageError, type ArgumentNames, type Arguments } from './arguments.ts';
import { EXIT, type AdminStore, type CommandContext } from './command.ts';

/** One action of a command. Throws `UsageError`, `RefusedError` or `StoreError` for everything that is no success. */
export interface Action {
  /** As typed, for messages: `keys create`. */
  readonly name: string;
  readonly usage: string;
  readonly names: ArgumentNames;
  readonly work: (args: Arguments, context: CommandContext) => Promise<void>;
}

/** Reads the arguments, does the work, and turns what went wrong into text on stderr and an exit code. */
export async function runAction(action: Action, args: readonly string[], context: CommandContext): Promise<number> {
  try {
    const read = readArguments(args, action.names);
    if (read.has('help')) {
      context.stdout(action.usage);
      return EXIT.done;
    }
    await action.work(read, context);
    return EXIT.done;
  } catch (error) {
    if (error instanceof UsageError) {
      context.stderr(`sallyport ${action.name}: ${error.message}\nSee: sallyport ${action.name} --help\n`);
      return EXIT.usage;
    }
    if (error instanceof RefusedError) {
      context.stderr(`sallyport ${action.name}: ${error.message}\n`);
      return EXIT.refused;
    }
    if (error instanceof StoreError) {
      context.stderr(`sallyport ${action.name}: ${adviceFor(error)}\n`);
      return EXIT.refused;
    }
    throw error;
  }
}

/** What became of a question to a store, and what to do. */
export function adviceFor(error: StoreError): string {
  const why = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  switch (error.code) {
    case 'timeout':
      return `the store did not answer in time${why}. It may have been done: look with "keys list" or "block --list", then try again.`;
    case 'locked':
      return `another process holds the store${why}. Nothing was changed: try again.`;
    case 'unreachable':
      return `the store cannot be used${why}. Nothing was changed: look at "store:" of the settings and its file, and where limits are counted in Redis at "ledger:".`;
    case 'bad_reply':
      return `the store cannot be read${why}. Restore it from its backup, or name another in "store:" of the settings.`;
    case 'refused':
      return `the store refused this${why}. Nothing was changed.`;
    default:
      return error.message;
  }
}

/** The store that processes use already, for the time of `use`: in a new one nothing would come of it. */
export const withStandingStore = async <Found>(context: CommandContext, use: (store: AdminStore) => Promise<Found>): Promise<Found> =>
  withStore(context, use, true);

/** The store for the time of `use`; closed whatever happens. */
export async function withStore<Found>(
  context: CommandContext,
  use: (store: AdminStore) => Promise<Found>,
  mustExist = false,
): Promise<Found> {
  const store = await context.openStore(mustExist);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

export const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
