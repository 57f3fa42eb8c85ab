import { Buffer } from 'node:buffer';
import { never } from '../../../core/assert.ts';
import { asBuffer } from '../../json/cursor.ts';
import type { Edit } from '../../json/splice.ts';
import type { BodyOperation } from '../fields.ts';
import { readChannel } from './channel.ts';
import type { EventTexts } from './event-texts.ts';
import { openHead } from './tail-head.ts';
import { blockDelta, chatDelta, responseDelta } from './tail-shapes.ts';
import type { NamedEvent } from './tail-shapes.ts';

/** Makes the extra events of one stream, in which the last of a text goes out that was held back. State of one stream. */
export interface TailEvents {
  /** To be told of every event, before anything is made of it. */
  note(data: Uint8Array, event: EventTexts): void;
  /** A piece of a channel's text, to go out before the event noted last, or behind it. */
  make(channel: string, text: string, where: 'before' | 'behind'): Buffer;
  /** The edit that keeps the numbers of events in order: each goes up by the extra events before it. Byte-equal without any. */
  renumber(event: EventTexts): readonly Edit[];
  /** The highest number that an event has by now. */
  lastNumber(): number;
}

const named = (event: NamedEvent): Buffer => Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`, 'utf8');

export function openTailEvents(operation: BodyOperation): TailEvents {
  const head = openHead(operation === 'responses');
  let inserted = 0;
  /** Of the event noted last; 0 where events have none. */
  let sequence = 0;
  const chunk = (choice: object): Buffer => Buffer.from(`data: {${head.members()}"choices":[${JSON.stringify(choice)}]}\n\n`, 'utf8');
  const numbered = (event: NamedEvent, where: 'before' | 'behind'): Buffer => {
    const number = sequence + inserted + (where === 'before' ? 0 : 1);
    inserted += 1;
    return named({ ...event, sequence_number: number });
  };
  return {
    note: (data, event) => {
      head.note(asBuffer(data), event);
      sequence = event.sequence?.value ?? sequence;
    },
    make: (name, text, where) => {
      const channel = readChannel(name);
      const { outer: index } = channel;
      switch (operation) {
        case 'chat':
          return chunk({ index, delta: chatDelta(channel, text), finish_reason: null });
        case 'completions':
          return chunk({ index, text, logprobs: null, finish_reason: null });
        case 'messages':
          return named({ type: 'content_block_delta', index, delta: blockDelta(channel, text) });
        case 'responses':
          return numbered(responseDelta(channel, text, head.itemId(index)), where);
        case 'embeddings':
        case 'count_tokens':
          // Their answers do not stream, so no channel of theirs can have been named.
          return Buffer.alloc(0);
        default:
          return never(operation);
      }
    },
    renumber: ({ sequence: own }) =>
      own === undefined || inserted === 0
        ? []
        : [{ start: own.start, end: own.end, replacement: Buffer.from(String(own.value + inserted), 'latin1') }],
    lastNumber: () => sequence + inserted,
  };
}
