import { readFileSync, statSync } from 'node:fs';
import { Secret } from '../core/secret.ts';
import { parseOperatorToken } from '../policy/operator-token.ts';
import { RefusedError, UsageError, type Arguments } from './arguments.ts';
import type { CommandContext } from './command.ts';

export const tokenVariable = 'SALLYPORT_OPERATOR_TOKEN';
export const tokenUsage = `  --token-file FILE    file with your operator token, for you alone (default: the environment variable ${tokenVariable})`;

const tokenBytesMax = 1_024;
const everyoneMayRead = 0o004;

/** The caller's own token, out of `--token-file` or the environment. Never shown, also not where it is none. Throws `UsageError`, `RefusedError`. */
export function readOperatorToken(args: Arguments, context: CommandContext): Secret {
  const file = args.text('token-file');
  const text = file === undefined ? context.environment(tokenVariable) : readTokenFile(file);
  if (text === undefined || text === '') {
    throw new UsageError(`say who you are: --token-file FILE, or the environment variable ${tokenVariable}`);
  }
  const token = text.replace(/\r?\n$/, '');
  if (parseOperatorToken(token) === undefined) {
    throw new RefusedError(
      `${file === undefined ? tokenVariable : `the file ${file}`} holds no operator token (op_...): "sallyport operators create" makes one`,
    );
  }
  return new Secret(token);
}

function readTokenFile(file: string): string {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status?.isFile() !== true || status.size > tokenBytesMax) {
    throw new RefusedError(`--token-file: ${file} is not there, or is no file with a token`);
  }
  if ((status.mode & everyoneMayRead) !== 0) {
    throw new RefusedError(
      `--token-file: everyone on this machine can read ${file}; chmod o-r, and replace the token if others use the machine`,
    );
  }
  return readFileSync(file, 'utf8');
}
