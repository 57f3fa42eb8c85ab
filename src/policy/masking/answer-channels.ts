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
  /** A text has gone on behind its end: where it was cut, nothing could be found. */
  readonly wentOn: () => boolean;
}

/**
 * Texts that are known to have been said in pieces: of any further one what is found is counted again where it is repeated. And of those
 * that are known to be over.
 */
const saidMax = 4_096;

/** `repeats` is for texts that were said in pieces and come once more as a whole: what is found in them is found already. */
export function openAnswerChannels(filters: AnswerFilters, repeats: AnswerFilters): AnswerChannels {
  const channels = new Map<string, TextFilter>();
  const said = new Set<string>();
  const ended = new Set<string>();
  let wentOn = false;
  const end = (channel: string): void => {
    channels.delete(channel);
    noteUpTo(saidMax, ended, channel);
  };
  return {
    replace(read, event) {
      const { site, text } = read;
      const { flow } = site;
      const channel = flow?.part === 'delta' ? flow.channel : undefined;
      const filter = channel === undefined ? undefined : (channels.get(channel) ?? filterFor(site.kind, filters));
      if (channel === undefined || filter === undefined) {
        return answerReplacement(read, flow !== undefined && said.has(flow.channel) ? repeats : filters);
      }
      noteUpTo(saidMax, said, channel);
      wentOn ||= text !== '' && ended.has(channel);
      if (isClosed(event, channel)) {
        end(channel);
        return [{ site, text: filter.end(text) }];
      }
      channels.set(channel, filter);
      return [{ site, text: filter.push(text) }];
    },
    finish(isOver) {
      const tails: Tail[] = [];
      for (const [channel, filter] of channels) {
        if (isOver(channel)) {
          end(channel);
          tails.push({ channel, text: filter.end('') });
        }
      }
      return tails.filter(({ text }) => text !== '');
    },
    wentOn: () => wentOn,
  };
}

function noteUpTo(sizeMax: number, names: Set<string>, name: string): void {
  if (names.size < sizeMax) {
    names.add(name);
  }
}
