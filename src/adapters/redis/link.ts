import type { Secret } from '../../core/secret.ts';
import { StoreError } from '../../ports/key-store.ts';
import { connect, type Client, type ConnectOptions } from './connect.ts';
import { isLockedOut, isUnknownScript, toStoreError } from './errors.ts';
import type { Script } from './scripts.ts';

const pollMs = 5;

/** The way to the store. */
export interface Link {
  /** What a script answers. Throws `StoreError`; after `timeout` it is not known whether it was run. */
  run(script: Script, keys: readonly string[], values: readonly (string | number)[], waitMs: number): Promise<unknown>;
  /** Resolves once there is a connection; throws `StoreError` where there is none in time, or where the server lets nobody in. */
  ready(waitMs: number): Promise<void>;
  /** Called at each new connection, and when one has ended. */
  onConnection(listener: (isThere: boolean) => void): void;
  close(): void;
}

export function openLink(options: ConnectOptions): Link {
  const client = connect(options);
  const hide = hider([options.password, options.sentinelPassword]);
  let lastError: StoreError | undefined;
  let isClosed = false;

  const keep = (error: unknown): void => {
    lastError = toStoreError(error instanceof Error && 'lastNodeError' in error ? error.lastNodeError : error, hide);
  };
  client.on('error', keep);
  client.on('node error', keep);
  client.on('ready', () => {
    lastError = undefined;
  });

  return {
    run: (script, keys, values, waitMs) =>
      new Promise((resolve, reject) => {
        if (isClosed) {
          throw new StoreError('unreachable', new Error('the store is closed'));
        }
        const waiting = { isOver: false };
        const giveUp = (): void => {
          waiting.isOver = true;
          reject(new StoreError('timeout', new Error(`the store did not answer within ${String(waitMs)} ms`)));
        };
        // An answer that is here but not yet read, because the event loop was held, still counts: the connection is read before the immediate.
        const timer = setTimeout(() => setImmediate(giveUp), waitMs);
        together(client.stream);
        ask(client, script, [...keys, ...values], keys.length, waiting).then(
          (answer) => {
            clearTimeout(timer);
            resolve(answer);
          },
          (error: unknown) => {
            clearTimeout(timer);
            reject(toStoreError(error, hide));
          },
        );
      }),
    ready: (waitMs) => untilReady(client, () => lastError, waitMs),
    onConnection: (listener) => {
      client.on('ready', () => {
        listener(true);
      });
      client.on('close', () => {
        listener(false);
      });
    },
    close: () => {
      isClosed = true;
      client.disconnect();
    },
  };
}

/** What is asked in one turn is one write: it wakes the server up once, and its answers come back in one. */
function together(stream: Client['stream']): void {
  if (stream !== undefined) {
    stream.cork();
    process.nextTick(() => {
      stream.uncork();
    });
  }
}

async function untilReady(client: Client, lastError: () => StoreError | undefined, waitMs: number): Promise<void> {
  const giveUpMs = performance.now() + waitMs;
  while (client.status !== 'ready') {
    const error = lastError();
    if (performance.now() > giveUpMs || (error !== undefined && isLockedOut(error))) {
      throw error ?? new StoreError('timeout', new Error(`no connection to the store within ${String(waitMs)} ms`));
    }
    await new Promise((resolve) => {
      setTimeout(resolve, pollMs);
    });
  }
}

/** A server knows a script by its name until it restarts; only where it does not, the text is sent. */
async function ask(
  client: Client,
  { sha, text }: Script,
  values: readonly (string | number)[],
  keys: number,
  waiting: { readonly isOver: boolean },
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys, ...values);
  } catch (error) {
    if (waiting.isOver || !isUnknownScript(error)) {
      throw error;
    }
    return client.eval(text, keys, ...values);
  }
}

function hider(secrets: readonly (Secret | undefined)[]): (text: string) => string {
  const values = secrets.map((secret) => secret?.reveal() ?? '').filter((value) => value !== '');
  return (text) => values.reduce((hidden, value) => hidden.replaceAll(value, '[secret]'), text);
}
