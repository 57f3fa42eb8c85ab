import { Buffer } from 'node:buffer';
import { stripUsage } from './strip-usage.ts';
import { EventMeter } from './usage/event-meter.ts';
import type { MeterSubject, Metered } from './usage/metered.ts';
import { BlockSplitter } from './usage/sse-blocks.ts';
import { dataOf } from './usage/sse-data.ts';

/** A streamed answer on its way to a client that has not asked for usage. */
export interface StrippedStream {
  /** What the client gets for the next piece: every event that is complete now, without usage. */
  push(piece: Uint8Array): Buffer;
  /** What is held back at the end of the body: an event without its blank line. */
  end(): Buffer;
  /** As `Meter` reads it; after `end`. */
  read(isWhole: boolean): Metered;
}

/**
 * Meters a stream and removes the usage that the gateway had asked for. Bytes of all other events are the same; an event over a megabyte
 * passes in pieces as it is. The result is the same however the stream is cut.
 */
export function openStrippedStream({ operation, echoes }: MeterSubject): StrippedStream {
  const meter = new EventMeter(operation, echoes);
  let passed: Buffer[] = [];
  let isLastKept = true;
  const blocks = new BlockSplitter({
    onBlock: (block) => {
      const data = dataOf(block);
      const facts = data === undefined ? undefined : meter.onData(data);
      const kept = data === undefined || facts === undefined ? block : stripUsage(block, data, facts);
      isLastKept = kept.length > 0;
      passed.push(kept);
    },
    onOverlong: (piece) => {
      meter.onOverlong();
      isLastKept = true;
      passed.push(piece);
    },
    onLateFeed: (feed) => {
      if (isLastKept) {
        passed.push(feed);
      }
    },
  });
  const take = (): Buffer => {
    const [first] = passed;
    const taken = passed.length === 1 && first !== undefined ? first : Buffer.concat(passed);
    passed = [];
    return taken;
  };
  return {
    push: (piece) => {
      blocks.push(piece);
      return take();
    },
    end: () => {
      blocks.end();
      return take();
    },
    read: (isWhole) => meter.read(isWhole),
  };
}
