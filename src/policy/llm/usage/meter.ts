import { DEFAULT_SCAN_LIMITS } from '../../json/document.ts';
import { scanDocument } from '../../json/scan.ts';
import { EventMeter } from './event-meter.ts';
import { JsonMembers, keptNames } from './json-members.ts';
import type { Meter, MeterSubject, Metered } from './metered.ts';
import type { Observed } from './observed-text.ts';
import { readReport } from './read-report.ts';
import { BlockSplitter } from './sse-blocks.ts';
import { dataOf } from './sse-data.ts';
import { TEXT_PATHS } from './text-paths.ts';

const KEPT_MEMBERS = keptNames('usage', 'model', 'service_tier', 'tool_usage');
const NOTHING_SEEN: Observed = { textBytes: 0, textEvents: 0 };

function openJsonMeter({ operation, echoes }: MeterSubject): Meter {
  const members = new JsonMembers(KEPT_MEMBERS, TEXT_PATHS[operation]);
  return {
    push: (piece) => {
      members.push(piece);
    },
    read: () => {
      const document = members.document();
      const scan = document === undefined ? undefined : scanDocument(document, DEFAULT_SCAN_LIMITS);
      const report = document === undefined || scan?.kind !== 'object' ? undefined : readReport(operation, document, scan.members);
      const usage = report?.kind === 'reported' ? report.usage : undefined;
      const observed = echoes ? NOTHING_SEEN : { textBytes: members.textBytes, textEvents: 0 };
      // Usage is one member, and stands there once: it is the last word even where the rest is missing.
      return { usage, isFinal: usage !== undefined, observed };
    },
  };
}

function openEventsMeter({ operation, echoes }: MeterSubject): Meter {
  const meter = new EventMeter(operation, echoes);
  const blocks = new BlockSplitter({
    onBlock: (block) => {
      const data = dataOf(block);
      if (data !== undefined) {
        meter.onData(data);
      }
    },
    onOverlong: () => {
      meter.onOverlong();
    },
    onLateFeed: () => undefined,
  });
  return {
    push: (piece) => {
      blocks.push(piece);
    },
    read: (isWhole) => {
      blocks.end();
      return meter.read(isWhole);
    },
  };
}

const OPENERS: Readonly<Record<MeterSubject['form'], (subject: MeterSubject) => Meter>> = { json: openJsonMeter, events: openEventsMeter };

export const openMeter = (subject: MeterSubject): Meter => OPENERS[subject.form](subject);

/** The cost of a whole answer. */
export function meterWhole(subject: MeterSubject, body: Uint8Array): Metered {
  const meter = openMeter(subject);
  meter.push(body);
  return meter.read(true);
}
