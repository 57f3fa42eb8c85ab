import type { z } from 'zod';
import type { Account, Answer, Call } from './provider-answer.ts';

/** How an API words its refusals. */
export interface Refusals {
  badKey(presented: string | undefined, call: Call): Answer;
  badJson(call: Call): Answer;
  /** `parameter` is the dotted path of the offending value. */
  badParameter(parameter: string, problem: string, call: Call): Answer;
  unknownModel(model: string, call: Call): Answer;
  unknownPath(method: string, path: string, call: Call): Answer;
}

export type Operation = (body: Buffer, account: Account, call: Call) => Answer;

/** An operation that gets its body parsed and its model known, or refuses in the API's words. */
export function operation<Body extends { readonly model: string }>(
  schema: z.ZodType<Body>,
  refusals: Refusals,
  answer: (body: Body, call: Call) => Answer,
): Operation {
  return (bytes, account, call) => {
    const content = parseJson(bytes);
    if (content === undefined) {
      return refusals.badJson(call);
    }
    const parsed = schema.safeParse(content);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return refusals.badParameter(issue?.path.join('.') ?? '', issue?.message ?? 'invalid', call);
    }
    return account.models.includes(parsed.data.model) ? answer(parsed.data, call) : refusals.unknownModel(parsed.data.model, call);
  };
}

/** `undefined` is no JSON value, so it can stand for "not JSON". */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
