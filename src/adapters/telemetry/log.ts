import { destination, pino, type Logger } from 'pino';
import { openBatch } from './batch.ts';
import { openIsoTime } from './iso-time.ts';

export type Log = Logger;

/** Of lines that wait for a slow disk; more are dropped. */
const waitingCharactersMax = 16_777_216;

/**
 * The log: JSON lines on stdout (or appended to `file`), named fields only. No serialisers, no error objects, no request objects: what is not
 * chosen field by field is not logged. Written in batches; `flush` before the process ends.
 */
export function openLog(
  level: 'debug' | 'info' | 'warn' | 'error',
  file: string | undefined,
): { readonly log: Log; readonly flush: () => void } {
  const out = destination({ dest: file ?? 1, sync: false, maxLength: waitingCharactersMax });
  // Lines that cannot be written are lost: nobody's request may wait for a disk that is full, or fail by it.
  out.on('error', () => {
    // It would try for ever, in the last moment of the process.
    out.flushSync = () => undefined;
  });
  const batch = openBatch(out);
  const isoTime = openIsoTime();
  const timestamp = (): string => `,"time":"${isoTime(Date.now())}"`;
  const log = pino({ level, base: null, timestamp, formatters: { level: (label) => ({ level: label }) } }, batch);
  return {
    log,
    flush: () => {
      batch.flush();
      out.flushSync();
    },
  };
}
