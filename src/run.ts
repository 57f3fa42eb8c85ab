import { parseArgs } from 'node:util';
import { loadSettings } from './config/load.ts';
import { SettingsError } from './config/problem.ts';
import { serveUntilSignal } from './cli-serve.ts';

/** Runs one command; returns its exit code. */
export async function runSallyport(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: args.slice(1),
    options: { config: { type: 'string', default: 'sallyport.yaml' }, instance: { type: 'string', default: '0' } },
  });
  try {
    return await serveUntilSignal(loadSettings(values.config), Number(values.instance));
  } catch (error) {
    if (error instanceof SettingsError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}
