import { deny, next, type Outcome } from '../../core/outcome.ts';
import { describeRefusal } from '../json/document.ts';
import type { BodyOperation } from '../llm/fields.ts';
import { answerTexts } from '../llm/texts/body-texts.ts';
import { eventTexts } from '../llm/texts/event-texts.ts';
import { textOf, type Site } from '../llm/texts/site.ts';
import { BlockSplitter } from '../llm/usage/sse-blocks.ts';
import { dataOf } from '../llm/usage/sse-data.ts';

const isSaid = ({ kind }: Site): boolean => kind !== 'number' && kind !== 'logprobs';

/** What a model says in a whole answer in JSON. */
export function answerWords(operation: BodyOperation, bytes: Uint8Array): Outcome<readonly string[]> {
  const read = answerTexts(operation, bytes);
  return read.kind === 'refused'
    ? deny('answer_unreadable', describeRefusal(read))
    : next(read.sites.filter(isSaid).map((site) => textOf(bytes, site)));
}

/** Gathers what a model says in a stream. */
export interface StreamWords {
  push(piece: Uint8Array): void;
  /** Each text put together, and what came whole; refused where an event could not be read. */
  end(): Outcome<readonly string[]>;
}

export function openStreamWords(operation: BodyOperation): StreamWords {
  const channels = new Map<string, string>();
  const wholes = new Set<string>();
  let isReadable = true;
  const note = (bytes: Uint8Array, site: Site): void => {
    const text = textOf(bytes, site);
    if (site.flow?.part === 'delta') {
      const { channel } = site.flow;
      channels.set(channel, (channels.get(channel) ?? '') + text);
    } else if (text !== '') {
      wholes.add(text);
    }
  };
  const blocks = new BlockSplitter({
    onBlock: (block) => {
      const data = dataOf(block);
      const reading = data === undefined ? undefined : eventTexts(operation, data);
      isReadable &&= reading?.kind !== 'refused';
      if (data !== undefined && reading?.kind === 'event') {
        for (const site of reading.sites.filter(isSaid)) {
          note(data.bytes, site);
        }
      }
    },
    onOverlong: () => {
      isReadable = false;
    },
    onLateFeed: () => undefined,
  });
  return {
    push: (piece) => {
      blocks.push(piece);
    },
    end: () => {
      blocks.end();
      const said = [...channels.values()];
      // The events that repeat a text say nothing more.
      const more = [...wholes].filter((text) => !said.includes(text));
      return isReadable ? next([...said, ...more]) : deny('answer_unreadable', 'an event that could not be read');
    },
  };
}
