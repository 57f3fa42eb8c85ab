import { parseArgs } from 'node:util';
import { EXIT, type Command, type CommandContext } from './cli/command.ts';
import { adviceFor } from './cli/run-command.ts';
import { watchContent } from './config/watch.ts';
import { StoreError } from './ports/key-store.ts';
import { loadPricedSettings } from './pricing.ts';
import { startSidecar } from './serve.ts';

const usage = `Usage: sallyport serve [--instance N] [--config FILE]

Serves decisions and keys to Envoy until SIGTERM or SIGINT, then drains: open streams finish within "listen.drain".
A second signal ends at once.
A changed settings file takes effect by itself within two seconds, and at once on SIGHUP; a bad one leaves the old settings in force.
Exit code 0: nothing was cut; 1: streams were cut, or the start failed.

  --instance N   which listeners of listen.grpc, listen.sds and listen.health this process takes, from 0 (default 0)
`;

/** From the end of the drain to that of the process. */
const exitMsMax = 1_000;

/** `serve` needs the file itself, not only what commands may use of it. */
export const serveCommand = (file: string): Command => ({
  name: 'serve',
  summary: 'serve decisions and keys to Envoy',
  usage,
  async run(args, context) {
    const parsed = readInstance(args);
    if (parsed === 'help') {
      context.stdout(usage);
      return EXIT.done;
    }
    if (parsed === undefined) {
      context.stderr(`sallyport serve: --instance takes a number from 0 to 63\n${usage}`);
      return EXIT.usage;
    }
    const settings = loadPricedSettings(file);
    if (parsed >= settings.listen.grpc.length) {
      context.stderr(
        `sallyport serve: --instance ${String(parsed)}: listen.grpc names ${String(settings.listen.grpc.length)} listener(s)\n`,
      );
      return EXIT.usage;
    }
    const sidecar = await startSidecar(settings, parsed).catch((error: unknown) => refuseStart(error, context));
    context.stdout(`${JSON.stringify({ level: 'info', ...sidecar.ports, msg: 'listening' })}\n`);
    const watch = watchContent(file, () => {
      void sidecar.reload(() => loadPricedSettings(file));
    });
    process.on('SIGHUP', () => {
      watch.now();
    });
    await untilSignal();
    watch.close();
    process.once('SIGTERM', endAtOnce);
    process.once('SIGINT', endAtOnce);
    const code = (await sidecar.drain()) ? EXIT.done : EXIT.refused;
    // A connection that does not let go must not keep a drained process.
    setTimeout(() => process.exit(code), exitMsMax).unref();
    return code;
  },
});

/** What the environment lacks is said in a line; a defect keeps its stack. What was opened until then must not keep a process that serves nothing. */
function refuseStart(error: unknown, context: CommandContext): never {
  const problem = startProblem(error);
  if (problem === undefined) {
    throw error;
  }
  context.stderr(`sallyport serve: did not start: ${problem}\n`);
  return endAtOnce();
}

/** Undefined where it is a defect. */
function startProblem(error: unknown): string | undefined {
  if (error instanceof StoreError) {
    return adviceFor(error);
  }
  if (!(error instanceof Error) || DEFECTS.has(error.name)) {
    return undefined;
  }
  return 'code' in error && error.code === 'EADDRINUSE'
    ? `${error.message}: name another address under "listen:", or end the process that has this one`
    : error.message;
}

const DEFECTS: ReadonlySet<string> = new Set(['InvariantError', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

function readInstance(args: readonly string[]): number | 'help' | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { instance: { type: 'string', default: '0' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) {
      return 'help';
    }
    return /^\d{1,2}$/.test(values.instance) && Number(values.instance) < 64 ? Number(values.instance) : undefined;
  } catch {
    return undefined;
  }
}

const untilSignal = async (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });

function endAtOnce(): never {
  process.exit(EXIT.refused);
}
