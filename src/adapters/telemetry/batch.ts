/** Where whole batches go. */
export interface BatchSink {
  write(text: string): unknown;
}

export interface Batch {
  write(line: string): void;
  /** Hands over what has been collected. */
  flush(): void;
}

/** Some forty lines: what a line costs to hand over, and the waking of the thread that writes, is shared by them. */
const batchCharactersMin = 16_384;
const waitMsMax = 200;

/** Collects lines and hands them over many at a time; none waits longer than 200 ms. */
export function openBatch(sink: BatchSink): Batch {
  let collected = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (collected !== '') {
      sink.write(collected);
      collected = '';
    }
  };
  return {
    write: (line) => {
      collected += line;
      if (collected.length >= batchCharactersMin) {
        flush();
      } else {
        timer ??= setTimeout(flush, waitMsMax).unref();
      }
    },
    flush,
  };
}
