import { deny, next, type Outcome } from '../../core/outcome.ts';
import { describeRefusal } from '../json/document.ts';
import type { BodyOperation } from '../llm/fields.ts';
import { answerTexts } from '../llm/texts/body-texts.ts';
import { textOf, type Site } from '../llm/texts/site.ts';

/** Figures say nothing, and log probabilities say a text once more. */
export const isSaid = ({ kind }: Site): boolean => kind !== 'number' && kind !== 'logprobs';

/** What a model says in a whole answer in JSON. */
export function answerWords(operation: BodyOperation, bytes: Uint8Array): Outcome<readonly string[]> {
  const read = answerTexts(operation, bytes);
  return read.kind === 'refused'
    ? deny('answer_unreadable', describeRefusal(read))
    : next(read.sites.filter(isSaid).map((site) => textOf(bytes, site)));
}
