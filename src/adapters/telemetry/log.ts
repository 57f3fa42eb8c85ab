import { destination, pino, type Logger } from 'pino';
import { openBatch } from './batch.ts';
import { openIsoTime } from './iso-time.ts';

export type Log = Logger;

/** Of lines that wait for a slow disk; more are dropped. */
const waitingCharactersMax = 16_777_216;

/** The fields of a log line; those that are undefined are left out. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

export interface OpenLog {
  readonly log: Log;
  /**
   * The line that each exchange ends with, at level `info` and in the shape of every other line. Its time is now, its making is put off: it
   * is the only line that comes with every request.
   */
  readonly record: (message: string, fields: () => LogFields) => void;
  readonly flush: () => void;
}

/**
 * The log: JSON lines on stdout (or appended to `file`), named fields only. No serialisers, no error objects, no request objects: what is not
 * chosen field by field is not logged. Written in batches; `flush` before the process ends.
 */
export function openLog(level: 'debug' | 'info' | 'warn' | 'error', file: string | undefined): OpenLog {
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
  const recorded = log.isLevelEnabled('info');
  return {
    log,
    record: (message, fields) => {
      if (recorded) {
        const nowMs = Date.now();
        batch.writeLater(() => `${JSON.stringify({ level: 'info', time: isoTime(nowMs), ...fields(), msg: message })}\n`);
      }
    },
    flush: () => {
      batch.flush();
      out.flushSync();
    },
  };
}
