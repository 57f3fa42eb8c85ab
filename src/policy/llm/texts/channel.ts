import { must } from '../../../core/assert.ts';

/** A channel's parts: the index of its choice, block or item, that of what is inside it (0 without one), and the field. */
export interface Channel {
  readonly outer: number;
  readonly inner: number;
  readonly field: string;
}

const channelName = /^(\d*)(?:\.(\d+))?\/(\w+)$/;

/** Reads the name of a channel, as `Flow` has it. */
export function readChannel(name: string): Channel {
  const [whole, outer = '', inner = '', field = ''] = channelName.exec(name) ?? [];
  must(whole !== undefined, 'a channel is named by indexes and a field');
  return { outer: Number(outer), inner: Number(inner), field };
}
