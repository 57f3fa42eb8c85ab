import type { Buffer } from 'node:buffer';
import { deny, next, type Outcome } from '../../core/outcome.ts';
import type { BodyOperation } from '../llm/fields.ts';
import { eventTexts } from '../llm/texts/event-texts.ts';
import { describePlace, textOf, type Site } from '../llm/texts/site.ts';
import { BlockSplitter } from '../llm/usage/sse-blocks.ts';
import { dataOf } from '../llm/usage/sse-data.ts';
import { isSaid } from './answer-words.ts';
import { digestOf, SaidText } from './said-text.ts';

/** Texts that came whole and are known again. Any further one is asked about each time that it comes. */
const knownMax = 4_096;
/** What a text costs beside its characters. */
const textBytes = 512;

/**
 * What a model says in a stream, as questions about it: each has every text, or piece of one, that no question before it had, and of a text
 * that goes on what came before the piece. State of one stream.
 */
export class StreamWords {
  readonly #operation: BodyOperation;
  readonly #contextMax: number;
  readonly #blocks: BlockSplitter;
  readonly #channels = new Map<string, SaidText>();
  /** Those of them that said something since the last question. */
  readonly #speaking = new Set<SaidText>();
  readonly #known = new Set<string>();
  #wholes: string[] = [];
  #unasked = 0;
  #contexts = 0;
  #isReadable = true;

  /** `contextMax`: characters of what came before. */
  constructor(operation: BodyOperation, contextMax: number) {
    this.#operation = operation;
    this.#contextMax = contextMax;
    this.#blocks = new BlockSplitter({
      onBlock: (block) => {
        this.#onBlock(block);
      },
      onOverlong: () => {
        this.#isReadable = false;
      },
      onLateFeed: () => undefined,
    });
  }

  push(piece: Uint8Array): void {
    this.#blocks.push(piece);
  }

  /** The stream is over: the last event may have come without its blank line. */
  end(): void {
    this.#blocks.end();
  }

  /** False where an event could not be read: what it says is in no question. */
  get isReadable(): boolean {
    return this.#isReadable;
  }

  /** Characters that no question had yet. */
  get unasked(): number {
    return this.#unasked;
  }

  /** What is kept for questions to come, in characters; what is `unasked` is not counted. */
  get kept(): number {
    return this.#contexts + (this.#channels.size + this.#known.size) * textBytes;
  }

  /** The texts of the next question; refused where an event could not be read. */
  take(): Outcome<readonly string[]> {
    if (!this.#isReadable) {
      return deny('answer_unreadable', 'an event that could not be read');
    }
    const texts: string[] = [];
    for (const said of this.#speaking) {
      this.#contexts -= said.contextLength;
      texts.push(said.take(this.#contextMax));
      this.#contexts += said.contextLength;
    }
    texts.push(...this.#wholes);
    this.#speaking.clear();
    this.#wholes = [];
    this.#unasked = 0;
    return next(texts);
  }

  #onBlock(block: Buffer): void {
    const data = dataOf(block);
    const reading = data === undefined ? undefined : eventTexts(this.#operation, data);
    this.#isReadable &&= reading?.kind !== 'refused';
    if (data !== undefined && reading?.kind === 'event') {
      for (const site of reading.sites.filter(isSaid)) {
        this.#note(site, textOf(data.bytes, site));
      }
    }
  }

  #note(site: Site, text: string): void {
    const channel = channelOf(site);
    if (text !== '' && channel !== undefined) {
      this.#piece(channel, text);
    } else if (text !== '' && !this.#wasSaid(site, text)) {
      this.#wholes.push(text);
      this.#unasked += text.length;
    }
  }

  #piece(channel: string, text: string): void {
    const said = this.#channels.get(channel) ?? new SaidText();
    this.#channels.set(channel, said);
    this.#speaking.add(said);
    said.push(text);
    this.#unasked += text.length;
  }

  /** True for the events that repeat a text. */
  #wasSaid({ flow }: Site, text: string): boolean {
    if (flow !== undefined && this.#channels.get(flow.channel)?.equals(text) === true) {
      return true;
    }
    const digest = digestOf(text);
    const wasKnown = this.#known.has(digest);
    if (!wasKnown && this.#known.size < knownMax) {
      this.#known.add(digest);
    }
    return wasKnown;
  }
}

/**
 * What a piece is a piece of. Thoughts are signed and never edited, so no table names their channels; but they come in pieces, too, one
 * block after the other.
 */
function channelOf({ kind, flow, place }: Site): string | undefined {
  if (flow?.part === 'delta') {
    return flow.channel;
  }
  return kind === 'signed' ? describePlace(place) : undefined;
}
