import { z } from 'zod';
import type { Client } from './client.ts';
import { GuardError } from './guard-error.ts';
import { flaggedFor, type Judge } from './judge.ts';

export const classifierAnswerBytesMax = 64 * 1_024;
const labelsMax = 64;
const labelCharactersMax = 128;

const answerSchema = z.object({
  flagged: z.boolean(),
  score: z.number().min(0).max(1).nullish(),
  labels: z.array(z.string().min(1).max(labelCharactersMax)).max(labelsMax).nullish(),
});

export interface ClassifierOptions {
  readonly client: Client;
  /** From which score on the text is flagged; undefined = by the answer's own word. */
  readonly threshold: number | undefined;
  readonly ignored: ReadonlySet<string>;
}

/**
 * Any classifier: `{"input": "…"}` is answered by `{"flagged": true, "score": 0.97, "labels": ["…"]}`. All texts are one input, a blank
 * line between them; a model with a small window splits it by itself.
 */
export function openClassifier({ client, threshold, ignored }: ClassifierOptions): Judge {
  return async ({ texts }, signal) => {
    const { data } = answerSchema.safeParse(await client.post({ input: texts.join('\n\n') }, signal));
    const score = data?.score ?? undefined;
    if (data === undefined || (threshold !== undefined && score === undefined)) {
      throw new GuardError('bad_reply');
    }
    const isFlagged = threshold === undefined || score === undefined ? data.flagged : score >= threshold;
    return isFlagged ? flaggedFor(data.labels ?? [], ignored, score) : { kind: 'clear', score };
  };
}
