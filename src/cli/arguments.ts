import { parseArgs } from 'node:util';

/** The command was called wrongly; the message says what is expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for cannot be done; the message says why and what to do. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

export interface Arguments {
  readonly positionals: readonly string[];
  /** True where the flag was given. */
  has(name: string): boolean;
  /** The text of an option; undefined where it was not given. */
  text(name: string): string | undefined;
}

export interface ArgumentNames {
  readonly texts?: readonly string[];
  readonly flags?: readonly string[];
}

type Options = Record<string, { readonly type: 'string' | 'boolean' }>;

/** Every command knows these two. */
const commonFlags = ['help', 'json'];

/** Strict: unknown, empty and repeated options are errors, since the last of two is not always the one meant. Throws `UsageError`. */
export function readArguments(args: readonly string[], names: ArgumentNames): Arguments {
  const options: Options = {};
  for (const name of names.texts ?? []) {
    options[name] = { type: 'string' };
  }
  for (const name of [...(names.flags ?? []), ...commonFlags]) {
    options[name] = { type: 'boolean' };
  }
  const { tokens, positionals } = parse(args, options);
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'option') {
      if (given.has(token.name)) {
        throw new UsageError(`--${token.name} was given twice: give it once`);
      }
      given.set(token.name, textOf(token.name, token.value));
    }
  }
  return { positionals, has: (name) => given.has(name), text: (name) => given.get(name) };
}

function parse(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, tokens: true });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')) {
      throw new UsageError(error.message);
    }
    throw error;
  }
}

/** A flag has no text of its own. An empty option is most often an unset shell variable. */
function textOf(name: string, value: string | undefined): string {
  if (value === '') {
    throw new UsageError(`--${name} is empty: give it a value or leave it out`);
  }
  return value ?? '';
}

/** The text of an option that must be there. */
export function requiredText(args: Arguments, name: string): string {
  const text = args.text(name);
  if (text === undefined) {
    throw new UsageError(`--${name} is missing`);
  }
  return text;
}

/** Not repeated in the message: what stands in the wrong place may be a key. */
export function refusePositionals(args: Arguments): void {
  if (args.positionals.length > 0) {
    throw new UsageError('unexpected argument: every value here follows an option');
  }
}
