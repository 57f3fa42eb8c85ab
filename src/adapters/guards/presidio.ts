import { z } from 'zod';
import type { FoundEntity } from '../../ports/guard.ts';
import { batchTexts } from './batches.ts';
import type { Client } from './client.ts';
import { toCodeUnits } from './code-points.ts';
import { GuardError } from './guard-error.ts';
import { flaggedFor, type Judge } from './judge.ts';

/** A finding is about 130 bytes; a page of a directory has thousands. */
export const presidioAnswerBytesMax = 1_048_576;
const textsMax = 128;

const entitySchema = z.object({
  entity_type: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/),
  start: z.int().min(0),
  end: z.int().min(1),
  score: z.number().min(0).max(1),
});
const answerSchema = z.array(z.array(entitySchema));

export interface PresidioOptions {
  readonly client: Client;
  readonly language: string;
  /** The least score of a finding. */
  readonly threshold: number;
  /** Which entities are looked for; undefined = all that the analyzer has switched on. */
  readonly entities: readonly string[] | undefined;
  readonly ignored: ReadonlySet<string>;
}

/** A list for each text, in UTF-16 code units. Throws `GuardError`. */
export type Find = (texts: readonly string[], signal: AbortSignal) => Promise<readonly (readonly FoundEntity[])[]>;

/** `POST /analyze` of Presidio's analyzer, several texts at a time. */
export function openPresidio({ client, language, threshold, entities, ignored }: PresidioOptions): Find {
  const ask: Find = async (text, signal) => {
    const question = { text, language, score_threshold: threshold, ...(entities === undefined ? {} : { entities }) };
    const { data } = answerSchema.safeParse(await client.post(question, signal));
    if (data?.length !== text.length) {
      throw new GuardError('bad_reply');
    }
    return data.map((found, index) =>
      toCodeUnits(
        text[index] ?? '',
        found.flatMap(({ entity_type: entity, start, end, score }) =>
          score < threshold || ignored.has(entity) ? [] : [{ entity, start, end, score }],
        ),
      ),
    );
  };
  return async (texts, signal) => {
    const asked = texts.map((text, index) => ({ text, index })).filter(({ text }) => text.trim() !== '');
    const batches = batchTexts(
      asked.map(({ text }) => text),
      textsMax,
    );
    const found = (await Promise.all(batches.map(async (batch) => ask(batch, signal)))).flat();
    const byIndex = new Map(asked.map(({ index }, at) => [index, found[at] ?? []]));
    return texts.map((_text, index) => byIndex.get(index) ?? []);
  };
}

/** Any finding flags the texts it is in. */
export function judgeByFindings(find: Find): Judge {
  return async ({ texts }, signal) => {
    const found = (await find(texts, signal)).flat();
    const score = found.length === 0 ? undefined : found.reduce((highest, each) => Math.max(highest, each.score), 0);
    return found.length === 0 ? { kind: 'clear', score } : flaggedFor([...new Set(found.map(({ entity }) => entity))], new Set(), score);
  };
}
