import { asBuffer } from '../../json/cursor.ts';
import { readString } from '../../json/read.ts';

/** Whose words a text is. `definition` = tools and schemas; `parameter` = other fields of a request; `error` = a provider's error. */
export type Origin = 'system' | 'user' | 'assistant' | 'tool' | 'definition' | 'parameter' | 'error';

/**
 * What a site is. `text` = words; `json` = a text that should itself be JSON (`inner-json.ts`); `key` = the name of a member of data, which
 * may be anybody's words; `id` = an id of a request that may be somebody's number; `number` = a number of data: a text in its place changes its type; `logprobs` = the text once more, in tokens: all of the
 * value, to be emptied or left;
 * `signed` = what its provider wants back unchanged: never to be edited; `unknown` = what this gateway has no name for.
 */
export type SiteKind = 'text' | 'json' | 'key' | 'id' | 'number' | 'logprobs' | 'signed' | 'unknown';

/** What is not read as text. `tokens` = ids of tokens; `encrypted` = sealed by the provider; `reference` = something that the provider keeps. */
export const UNREADABLE_KINDS = ['image', 'audio', 'video', 'file', 'tokens', 'encrypted', 'reference'] as const;
export type UnreadableKind = (typeof UNREADABLE_KINDS)[number];

/**
 * Where something stands: a step below its parent; the outermost object has none. Names of data members are no part of it, since they may be
 * text: `{n}` stands for the one behind n others.
 */
export interface Place {
  readonly parent: Place | undefined;
  readonly step: string | number;
}

/** What an event of a stream says: a piece of a channel's text, or the whole of it once more. */
export interface Flow {
  readonly part: 'delta' | 'whole';
  /** The same for all pieces of one text, and for the events that repeat it: `scope/field`. */
  readonly channel: string;
}

/** One literal that holds text, or a value of log probabilities. Plain data. */
export interface Site {
  readonly kind: SiteKind;
  readonly origin: Origin;
  /** Its bytes, quotes included; `end` is the first byte after it. */
  readonly start: number;
  readonly end: number;
  readonly place: Place;
  /** Undefined outside of streams, and for texts that come in one piece. */
  readonly flow: Flow | undefined;
}

/** A value that cannot be read as text: whether it may pass is for a policy to say. */
export interface Unreadable {
  readonly what: UnreadableKind;
  readonly start: number;
  readonly end: number;
  readonly place: Place;
}

/** Everything in a body that is or may be text, in the order of the bytes. */
export interface Texts {
  readonly sites: readonly Site[];
  readonly unreadable: readonly Unreadable[];
}

/** The text of a site, unescaped; of a number and of log probabilities their JSON. */
export function textOf(bytes: Uint8Array, site: Site): string {
  return site.kind === 'number' || site.kind === 'logprobs'
    ? asBuffer(bytes).toString('utf8', site.start, site.end)
    : readString(bytes, { start: site.start, end: site.end, type: 'string' });
}

const describeStep = (step: string | number): string => {
  if (typeof step === 'number') {
    return `[${String(step)}]`;
  }
  return step.startsWith('{') ? step : `.${step}`;
};

/** The place for a log, such as `messages[2].content[0].text`: names of the APIs and positions, never a text of the body. */
export function describePlace(place: Place): string {
  const steps: string[] = [];
  for (let at = place; at.parent !== undefined; at = at.parent) {
    steps.push(describeStep(at.step));
  }
  return steps.toReversed().join('').replace(/^\./, '');
}
