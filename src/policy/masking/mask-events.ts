import { Buffer } from 'node:buffer';
import { deny, type Denied } from '../../core/outcome.ts';
import type { BodyOperation } from '../llm/fields.ts';
import { eventTexts, isClosed, type EventTexts } from '../llm/texts/event-texts.ts';
import { writeEvent } from '../llm/texts/sse-event.ts';
import { bareEvent } from '../llm/texts/sse-lines.ts';
import { openTailEvents, type TailEvents } from '../llm/texts/tail-events.ts';
import { editsFor } from '../llm/texts/write-back.ts';
import { BlockSplitter } from '../llm/usage/sse-blocks.ts';
import { dataOf, type EventData } from '../llm/usage/sse-data.ts';
import { openAnswerChannels, type AnswerChannels } from './answer-channels.ts';
import { openAnswerFilters, type AnswerFilters, type AnswerSubject } from './answer-filters.ts';
import { refuseFound, refuseUnseen } from './answer-sites.ts';
import { errorEventOf } from './error-event.ts';
import { openNames } from './names-apart.ts';
import { readSites } from './request-sites.ts';

const nothing = Buffer.alloc(0);
const blankLine = Buffer.from('\n\n');

/**
 * A streamed answer on its way to its client: searched, and with the client's own values back in their places. Of every text only what may
 * still become something is held back, and it goes out with the end of that text. A violation ends the stream with an error event.
 */
export class MaskedStream {
  readonly #operation: BodyOperation;
  readonly #subject: AnswerSubject;
  readonly #filters: AnswerFilters;
  readonly #repeats: AnswerFilters;
  readonly #channels: AnswerChannels;
  readonly #tails: TailEvents;
  readonly #blocks: BlockSplitter;
  #passed: Buffer[] = [];
  #refusal: Denied | undefined;
  /** What ends the event that was passed last. */
  #gap = nothing;

  constructor(operation: BodyOperation, subject: AnswerSubject) {
    this.#operation = operation;
    this.#subject = subject;
    this.#filters = openAnswerFilters(subject);
    this.#repeats = openAnswerFilters(subject);
    this.#channels = openAnswerChannels(this.#filters, this.#repeats);
    this.#tails = openTailEvents(operation);
    this.#blocks = new BlockSplitter({
      onBlock: (block) => {
        this.#onBlock(block);
      },
      onOverlong: () => {
        this.#refuse(deny('answer_unreadable', 'an event over a megabyte'));
      },
      onLateFeed: (feed) => {
        this.#pass(feed);
      },
    });
  }

  /** What the client gets for the next piece. */
  push(piece: Uint8Array): Buffer {
    this.#blocks.push(piece);
    return this.#take();
  }

  /** The stream is over: what was still held back. */
  end(): Buffer {
    const before = this.#passed.length;
    this.#blocks.end();
    // The last event came without its blank line: what is put behind it must not be taken for more of it.
    this.#gap = this.#passed.length > before ? blankLine : nothing;
    this.#flush('behind', () => true);
    return this.#take();
  }

  /** Why the stream was ended with an error; undefined = it was not. */
  get refusal(): Denied | undefined {
    return this.#refusal;
  }

  /** The highest number of an event that was passed, or of one that was read since; 0 where events have none. */
  get lastNumber(): number {
    return this.#tails.lastNumber();
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#filters.counts;
  }

  get unknownPlaceholders(): number {
    return this.#filters.unknownPlaceholders();
  }

  #onBlock(block: Buffer): void {
    const bare = bareEvent(block);
    const data = dataOf(bare);
    if (data === undefined) {
      this.#pass(bare);
      return;
    }
    const reading = eventTexts(this.#operation, data);
    switch (reading.kind) {
      case 'event':
        this.#onEvent(bare, data, reading);
        return;
      case 'done':
        this.#flush('before', () => true);
        this.#pass(bare);
        return;
      case 'refused':
        this.#refuse(deny('answer_unreadable', 'an event that is no unambiguous JSON object'));
    }
  }

  #onEvent(block: Buffer, data: EventData, event: EventTexts): void {
    if (this.#refusal !== undefined) {
      return;
    }
    this.#refuse(refuseUnseen(event.unreadable, this.#subject.plan));
    this.#tails.note(data.bytes, event);
    const sites = readSites(data.bytes, event.sites);
    const apart = openNames(sites);
    const replacements = sites.flatMap((read) => apart(read, this.#channels.replace(read, event)));
    if (this.#filters.hides && this.#channels.wentOn()) {
      this.#refuse(deny('answer_unreadable', 'a text that goes on behind its end'));
    }
    this.#flush('before', (channel) => isClosed(event, channel));
    this.#refuse(refuseFound(this.#filters) ?? refuseFound(this.#repeats));
    const edits = [...editsFor(data.bytes, replacements), ...this.#tails.renumber(event)];
    this.#pass(
      writeEvent(
        block,
        data,
        edits.toSorted((left, right) => left.start - right.start),
      ),
    );
  }

  /** What was held back of the texts that `isOver` names, as events of their own. */
  #flush(where: 'before' | 'behind', isOver: (channel: string) => boolean): void {
    const tails = this.#channels.finish(isOver);
    this.#refuse(refuseFound(this.#filters));
    for (const { channel, text } of tails) {
      this.#passOwn(this.#tails.make(channel, text, where));
    }
  }

  #pass(bytes: Buffer): void {
    if (this.#refusal === undefined) {
      this.#passed.push(bytes);
    }
  }

  #passOwn(event: Buffer): void {
    this.#pass(Buffer.concat([this.#gap, event]));
    this.#gap = nothing;
  }

  #refuse(denied: Denied | undefined): void {
    if (denied !== undefined && this.#refusal === undefined) {
      this.#passOwn(errorEventOf(this.#operation, denied, this.#tails.lastNumber() + 1));
      this.#refusal = denied;
    }
  }

  #take(): Buffer {
    const [first] = this.#passed;
    const taken = this.#passed.length === 1 && first !== undefined ? first : Buffer.concat(this.#passed);
    this.#passed = [];
    return taken;
  }
}
