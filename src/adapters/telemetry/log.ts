import { destination, pino, type Logger } from 'pino';

export type Log = Logger;

/**
 * The log: JSON lines on stdout (or appended to `file`), named fields only. No serialisers, no error objects, no request objects: what is not
 * chosen field by field is not logged. Written in batches; `flush` before the process ends.
 */
export function openLog(
  level: 'debug' | 'info' | 'warn' | 'error',
  file: string | undefined,
): { readonly log: Log; readonly flush: () => void } {
  const out = destination({ dest: file ?? 1, sync: false, minLength: 4_096, periodicFlush: 200 });
  const log = pino({ level, base: null, timestamp: pinoIsoTime, formatters: { level: (label) => ({ level: label }) } }, out);
  return {
    log,
    flush: () => {
      out.flushSync();
    },
  };
}

const pinoIsoTime = (): string => `,"time":"${new Date().toISOString()}"`;
