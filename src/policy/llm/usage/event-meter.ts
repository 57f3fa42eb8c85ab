import type { Buffer } from 'node:buffer';
import { never } from '../../../core/assert.ts';
import { membersOf } from '../../json/children.ts';
import { EVENT_SCAN_LIMITS } from '../../json/document.ts';
import type { Member } from '../../json/document.ts';
import { readString } from '../../json/read.ts';
import { scanDocument } from '../../json/scan.ts';
import type { BodyOperation } from '../fields.ts';
import { laterCounts, readAnthropicCounts, reportCounts } from './anthropic-usage.ts';
import type { AnthropicCounts } from './anthropic-usage.ts';
import { figuresOf } from './figures.ts';
import { walkEvent } from './event-walk.ts';
import type { EventFacts } from './event-walk.ts';
import type { Metered } from './metered.ts';
import { TEXT_NAMES, carriesText } from './observed-text.ts';
import { readReport } from './read-report.ts';
import { isDone } from './sse-data.ts';
import type { EventData } from './sse-data.ts';
import { NONE, UNUSABLE } from './usage.ts';
import type { Report, Usage } from './usage.ts';

/** After these events Responses say nothing more. */
const TERMINAL: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

const findObject = (members: readonly Member[], name: string): Member | undefined =>
  members.find((member) => member.key === name && member.type === 'object');

const typeIn = (data: Buffer, members: readonly Member[]): string => {
  const type = members.find((member) => member.key === 'type');
  return type?.type === 'string' ? readString(data, type) : '';
};

/** Reads the events of one stream. The later report counts, since all of them are cumulative. */
export class EventMeter {
  readonly #operation: BodyOperation;
  readonly #echoes: boolean;
  #usage: Usage | undefined;
  #isFinal = false;
  /** `[DONE]` was seen. */
  #isDone = false;
  /** Of the message that began, for Anthropic's streams. */
  #begun: AnthropicCounts | undefined;
  /** All that was told of the output is the placeholder of `message_start`. */
  #isBeginning = false;
  #textBytes = 0;
  #textEvents = 0;

  constructor(operation: BodyOperation, echoes: boolean) {
    this.#operation = operation;
    this.#echoes = echoes;
  }

  /** Reads one event's data; what was seen of it on the way, undefined at the end of the stream. */
  onData(data: EventData): EventFacts | undefined {
    if (isDone(data)) {
      this.#isDone = true;
      return undefined;
    }
    const facts = walkEvent(data.bytes, TEXT_NAMES[this.#operation]);
    if (facts.textBytes > 0 && !this.#echoes && carriesText(this.#operation, data.bytes)) {
      this.#textBytes += facts.textBytes;
      this.#textEvents += 1;
    }
    if (facts.mayReport) {
      this.#take(this.#reportOf(data.bytes));
    }
    return facts;
  }

  /** What was too long to be read may have been the report: what was said before is not the last word. */
  onOverlong(): void {
    this.#usage = undefined;
    this.#isFinal = false;
  }

  read(isWhole: boolean): Metered {
    const isFinal = this.#usage !== undefined && !this.#isBeginning && (this.#isFinal || this.#isDone || isWhole);
    return { usage: this.#usage, isFinal, observed: { textBytes: this.#textBytes, textEvents: this.#textEvents } };
  }

  #take(report: Report): void {
    if (report.kind !== 'none') {
      this.#usage = report.kind === 'reported' ? report.usage : undefined;
    }
  }

  #reportOf(data: Buffer): Report {
    const scan = scanDocument(data, EVENT_SCAN_LIMITS);
    if (scan.kind === 'refused') {
      return UNUSABLE;
    }
    switch (this.#operation) {
      case 'chat':
      case 'completions':
        return this.#chunk(data, scan.members);
      case 'responses':
        return this.#response(data, scan.members);
      case 'messages':
        return this.#message(data, scan.members);
      case 'embeddings':
      case 'count_tokens':
        return NONE;
      default:
        return never(this.#operation);
    }
  }

  #chunk(data: Buffer, members: readonly Member[]): Report {
    const report = readReport(this.#operation, data, members);
    const choices = members.find((member) => member.key === 'choices');
    const isLast = choices === undefined || (choices.type === 'array' && choices.end - choices.start === 2);
    this.#isFinal = report.kind === 'none' ? this.#isFinal : isLast;
    return report;
  }

  #response(data: Buffer, members: readonly Member[]): Report {
    const response = findObject(members, 'response');
    if (response === undefined || !TERMINAL.has(typeIn(data, members))) {
      return NONE;
    }
    this.#isFinal = true;
    return readReport(this.#operation, data, membersOf(data, response));
  }

  #message(data: Buffer, members: readonly Member[]): Report {
    switch (typeIn(data, members)) {
      case 'message_start':
        return this.#begin(data, findObject(members, 'message'));
      case 'message_delta':
        return this.#continue(data, members);
      default:
        return NONE;
    }
  }

  #begin(data: Buffer, message: Member | undefined): Report {
    this.#isBeginning = true;
    this.#begun = message === undefined ? undefined : readAnthropicCounts(data, figuresOf(data, membersOf(data, message)));
    return this.#begun === undefined ? UNUSABLE : reportCounts(this.#begun);
  }

  #continue(data: Buffer, members: readonly Member[]): Report {
    const delta = readAnthropicCounts(data, figuresOf(data, members));
    if (delta === undefined || this.#begun === undefined) {
      return UNUSABLE;
    }
    this.#begun = laterCounts(this.#begun, delta);
    this.#isBeginning = false;
    const change = findObject(members, 'delta');
    this.#isFinal = change !== undefined && figuresOf(data, membersOf(data, change)).word('stop_reason') !== undefined;
    return reportCounts(this.#begun);
  }
}
