import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { until, within } from './wait.ts';

const outputLinesShown = 40;
const stopDeadlineMs = 10_000;
const killDeadlineMs = 5_000;

export interface ProcessOptions {
  readonly cwd?: string;
  /** The whole environment; by default that of the test. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What messages call it. */
  readonly name?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Both, in order of arrival. */
  readonly output: () => string;
  readonly exit: () => Exit | undefined;
  readonly exited: Promise<Exit>;
  /** The first line on stdout, past or future, that matches. Throws with the last lines of output when the process ends or the deadline passes. */
  readonly waitForLine: (pattern: RegExp, deadlineMs: number) => Promise<string>;
  /** True if the process was still there to be signalled. */
  readonly signal: (signal: NodeJS.Signals) => boolean;
  /** Ends it, by force if it does not obey; also when it was stopped by SIGSTOP. Does nothing when it has ended. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Exit>;
}

/** Starts a program without a shell. Throws when it cannot be started. It ends with this process at the latest. */
export async function startProcess(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<RunningProcess> {
  const name = options.name ?? command;
  const child = spawn(command, args, { cwd: options.cwd, env: { ...(options.env ?? process.env) }, stdio: ['ignore', 'pipe', 'pipe'] });
  const captured = capture(child);
  const exited = exitOf(child);
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) {
    throw new Error(`${name} was started but has no process id`);
  }
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.on('exit', killAtExit);
  let exit: Exit | undefined;
  void exited.then((ended) => {
    exit = ended;
    process.off('exit', killAtExit);
  });

  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> => {
    child.kill(signal);
    child.kill('SIGCONT');
    try {
      return await within(exited, { deadlineMs: stopDeadlineMs, what: `${name} to end` });
    } catch {
      child.kill('SIGKILL');
      return within(exited, { deadlineMs: killDeadlineMs, what: `${name} to end after SIGKILL` });
    }
  };
  return {
    pid,
    ...captured,
    exit: () => exit,
    exited,
    waitForLine: async (pattern, deadlineMs) => {
      const line = await until(() => matchingLine(captured.stdout(), pattern) ?? (exit === undefined ? undefined : { gone: true }), {
        deadlineMs,
        what: `a line of ${name} that matches ${String(pattern)}`,
      });
      if (typeof line === 'string') {
        return line;
      }
      throw new Error(`${name} ended before it printed a line that matches ${String(pattern)}:\n${lastLines(captured.output())}`);
    },
    signal: (signal) => child.kill(signal),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** What an error message should show of a process's output. */
export function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-outputLinesShown).join('\n');
}

function matchingLine(output: string, pattern: RegExp): string | undefined {
  // What follows the last newline is a line only once its own newline has come.
  return output
    .split('\n')
    .slice(0, -1)
    .find((line) => pattern.test(line));
}

type Captured = Pick<RunningProcess, 'stdout' | 'stderr' | 'output'>;

function capture(child: ChildProcess): Captured {
  const texts = { stdout: '', stderr: '', output: '' };
  for (const channel of ['stdout', 'stderr'] as const) {
    child[channel]?.setEncoding('utf8').on('data', (text: string) => {
      texts[channel] += text;
      texts.output += text;
    });
  }
  return { stdout: () => texts.stdout, stderr: () => texts.stderr, output: () => texts.output };
}

/** `close`, not `exit`: only then has all output been read. */
function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
      resolve({ code, signal });
    });
  });
}
