import { never } from '../../core/assert.ts';
import type { BodyOperation } from '../llm/fields.ts';
import { requestTexts } from '../llm/texts/body-texts.ts';
import { textOf, type Site } from '../llm/texts/site.ts';
import type { OriginalText } from '../injection/judge.ts';

/** What is said to a model in a request: of everybody in the conversation, tools and what defines them included. */
export interface RequestWords {
  readonly texts: readonly OriginalText[];
  /** The user's last words; undefined without any. */
  readonly prompt: string | undefined;
}

export function requestWords(operation: BodyOperation, bytes: Uint8Array): RequestWords {
  const texts = requestTexts(operation, bytes).sites.flatMap((site): readonly OriginalText[] => {
    const origin = speakerOf(site);
    return origin === undefined ? [] : [{ origin, text: textOf(bytes, site) }];
  });
  return { texts, prompt: texts.findLast(({ origin }) => origin === 'user')?.text };
}

/** Undefined for what nobody says: settings of the request, numbers, what is signed. */
function speakerOf({ kind, origin }: Site): OriginalText['origin'] | undefined {
  if (kind === 'number' || kind === 'logprobs') {
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
    case 'parameter':
    case 'error':
      return undefined;
    default:
      return never(origin);
  }
}
