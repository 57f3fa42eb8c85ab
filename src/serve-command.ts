import { parseArgs } from 'node:util';
import { EXIT, type Command } from './cli/command.ts';
import { watchContent } from './config/watch.ts';
import { loadPricedSettings } from './pricing.ts';
import { startSidecar } from './serve.ts';

const usage = `Usage: sallyport serve [--instance N] [--config FILE]

Serves decisions and keys to Envoy until SIGTERM or SIGINT, then drains: open streams finish within "listen.drain".
A second signal ends at once.
A changed settings file takes effect by itself within two seconds, and at once on SIGHUP; a bad one leaves the old settings in force. Exit code 0: nothing was cut; 1: streams were cut, or the start failed.

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
    const sidecar = await startSidecar(settings, parsed);
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

function endAtOnce(): void {
  process.exit(EXIT.refused);
}
