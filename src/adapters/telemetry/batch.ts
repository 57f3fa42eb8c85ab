/** Where whole batches go. */
export interface BatchSink {
  write(text: string): unknown;
}

export interface Batch {
  write(line: string): void;
  /** Adds a line that is made when its batch is handed over: many made in a row cost a fraction of as many made one by one. */
  writeLater(makeLine: () => string): void;
  /** Hands over what has been collected. */
  flush(): void;
}

/** What a line costs to hand over, and the waking of the thread that writes, is shared by so many. */
const linesMax = 48;
const waitMsMax = 200;

/** Collects lines and hands them over many at a time, in their order; none waits longer than 200 ms. */
export function openBatch(sink: BatchSink): Batch {
  let collected: (string | (() => string))[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (collected.length > 0) {
      const lines = collected;
      collected = [];
      sink.write(lines.map((line) => (typeof line === 'string' ? line : line())).join(''));
    }
  };
  const add = (line: string | (() => string)): void => {
    collected.push(line);
    if (collected.length >= linesMax) {
      flush();
    } else {
      timer ??= setTimeout(flush, waitMsMax).unref();
    }
  };
  return { write: add, writeLater: add, flush };
}
