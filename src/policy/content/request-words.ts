import { never } from '../../core/assert.ts';
import type { BodyOperation } from '../llm/fields.ts';
import { requestTexts } from '../llm/texts/body-texts.ts';
import { describePlace, textOf, type Site } from '../llm/texts/site.ts';
import type { OriginalText } from '../injection/judge.ts';

/** What is said to a model in a request: of everybody in the conversation, tools and what defines them included. */
export interface RequestWords {
  readonly texts: readonly OriginalText[];
  /** The user's last words; undefined without any. */
  readonly prompt: string | undefined;
  /** Where a text stands that nobody but the model can read, as ids of tokens; undefined = nowhere. */
  readonly unread: string | undefined;
}

export function requestWords(operation: BodyOperation, bytes: Uint8Array): RequestWords {
  const { sites, unreadable } = requestTexts(operation, bytes);
  const said = sites.flatMap((site): readonly Said[] => {
    const origin = speakerOf(site);
    return origin === undefined ? [] : [{ origin, text: textOf(bytes, site), isKnown: site.kind !== 'unknown' }];
  });
  const tokens = unreadable.find(({ what }) => what === 'tokens');
  return {
    texts: said.map(({ origin, text }) => ({ origin, text })),
    prompt: said.findLast(({ origin, isKnown }) => origin === 'user' && isKnown)?.text,
    unread: tokens && describePlace(tokens.place),
  };
}

interface Said extends OriginalText {
  /** A part that this gateway has a name for. */
  readonly isKnown: boolean;
}

/** Undefined for what nobody says: settings of the request, numbers, ids. */
function speakerOf({ kind, origin }: Site): OriginalText['origin'] | undefined {
  if (kind === 'number' || kind === 'logprobs' || kind === 'id') {
    return undefined;
  }
  switch (origin) {
    case 'system':
    case 'user':
    case 'assistant':
    case 'tool':
      return origin;
    // The application declares its tools, as it writes its instructions.
    case 'definition':
      return 'system';
    // What this gateway has no name for may be read by the model: servers that imitate an API take templates and documents, for one.
    case 'parameter':
      return kind === 'unknown' ? 'user' : undefined;
    case 'error':
      return undefined;
    default:
      return never(origin);
  }
}
