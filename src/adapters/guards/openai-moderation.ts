import { z } from 'zod';
import { batchTexts } from './batches.ts';
import type { Client } from './client.ts';
import { GuardError } from './guard-error.ts';
import { joinAnswers, joinWords, type Judge, type Word } from './judge.ts';

/** 13 categories, three members each, are about 1.5 KB a text. */
export const moderationAnswerBytesMax = 64 * 1_024;
const textsMax = 32;

const category = z.string().min(1).max(128);
const resultSchema = z.object({
  flagged: z.boolean(),
  // Categories that a model does not judge are null.
  categories: z.record(category, z.boolean().nullable()),
  category_scores: z.record(category, z.number().min(0).max(1).nullable()),
});
const answerSchema = z.object({ results: z.array(resultSchema) });
type Result = z.output<typeof resultSchema>;

export interface ModerationOptions {
  readonly client: Client;
  readonly model: string;
  /** From which score on a category flags a text: of all categories, or of those named. The others flag it by the answer's own word. */
  readonly threshold: number | ReadonlyMap<string, number> | undefined;
  readonly ignored: ReadonlySet<string>;
}

/** OpenAI's `/v1/moderations`, and what speaks like it: an array of strings gets a result for each. */
export function openModeration({ client, model, threshold, ignored }: ModerationOptions): Judge {
  const ask = async (input: readonly string[], signal: AbortSignal): Promise<Word> => {
    const { data } = answerSchema.safeParse(await client.post({ model, input }, signal));
    if (data?.results.length !== input.length) {
      throw new GuardError('bad_reply');
    }
    return joinWords(data.results.map((result) => judgeResult(result, threshold, ignored)));
  };
  return async ({ texts }, signal) => joinAnswers(batchTexts(texts, textsMax).map(async (input) => ask(input, signal)));
}

function judgeResult(result: Result, threshold: ModerationOptions['threshold'], ignored: ReadonlySet<string>): Word {
  const scores = new Map(Object.entries(result.category_scores));
  const categories = new Map(Object.entries(result.categories));
  // A threshold that nothing reaches because its category is misspelt, or not judged by this model, must not look like a clear text.
  if (typeof threshold === 'object' && [...threshold.keys()].some((name) => !scores.has(name))) {
    throw new GuardError('bad_reply');
  }
  const limitOf = (name: string): number | undefined => (typeof threshold === 'object' ? threshold.get(name) : threshold);
  const isOver = (name: string): boolean => {
    const limit = limitOf(name);
    return limit === undefined ? categories.get(name) === true : (scores.get(name) ?? 0) >= limit;
  };
  const names = [...new Set([...categories.keys(), ...scores.keys()])];
  const labels = names.filter((name) => !ignored.has(name) && isOver(name));
  const score = Math.max(0, ...[...scores.values()].map((each) => each ?? 0));
  // Flagged for a reason that it does not name, and that no setting can have meant.
  const isUnnamed = result.flagged && threshold === undefined && ![...categories.values()].includes(true);
  return labels.length > 0 || isUnnamed ? { kind: 'flagged', labels, score } : { kind: 'clear', score };
}
