import { isClosed, type EventTexts } from '../llm/texts/event-texts.ts';
import type { Replacement } from '../llm/texts/write-back.ts';
import type { AnswerFilters } from './answer-filters.ts';
import { answerReplacement, filterFor } from './answer-sites.ts';
import type { ReadSite } from './request-sites.ts';
import type { TextFilter } from './text-filter.ts';

/** The last of a channel's text, which was held back. Never empty. */
export interface Tail {
  readonly channel: string;
  readonly text: string;
}

/** The texts of one stream that are under way, each choice, block and call with a filter of its own. */
export interface AnswerChannels {
  /** What goes in the place of a text of an event. The last piece of a channel takes along what was held back of it. */
  replace(read: ReadSite, event: EventTexts): readonly Replacement[];
  /** Ends the channels that `isOver` names. */
  finish(isOver: (channel: string) => boolean): readonly Tail[];
}

export function openAnswerChannels(filters: AnswerFilters): AnswerChannels {
  const channels = new Map<string, TextFilter>();
  return {
    replace(read, event) {
      const { site, text } = read;
      const channel = site.flow?.part === 'delta' ? site.flow.channel : undefined;
      const filter = channel === undefined ? undefined : (channels.get(channel) ?? filterFor(site.kind, filters));
      if (channel === undefined || filter === undefined) {
        return answerReplacement(read, filters);
      }
      if (isClosed(event, channel)) {
        channels.delete(channel);
        return [{ site, text: filter.end(text) }];
      }
      channels.set(channel, filter);
      return [{ site, text: filter.push(text) }];
    },
    finish(isOver) {
      const tails: Tail[] = [];
      for (const [channel, filter] of channels) {
        if (isOver(channel)) {
          channels.delete(channel);
          tails.push({ channel, text: filter.end('') });
        }
      }
      return tails.filter(({ text }) => text !== '');
    },
  };
}
