import { z } from 'zod';
import type { GuardQuestion } from '../../ports/guard.ts';
import type { Client } from './client.ts';
import { GuardError } from './guard-error.ts';
import { flaggedFor, type Judge } from './judge.ts';

export const llamaAnswerBytesMax = 64 * 1_024;
/** All 14 codes, and `unsafe` before them. */
const outputTokensMax = 96;

const answerSchema = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });
/** Codes are S1 to S14 today. */
const verdict = /^(?:(?<safe>safe)|unsafe(?:\s*\n\s*(?<codes>S\d{1,2}(?:\s*,\s*S\d{1,2})*))?)$/;

export interface LlamaGuardOptions {
  readonly client: Client;
  readonly model: string;
  readonly ignored: ReadonlySet<string>;
}

/**
 * Llama Guard behind OpenAI's chat API (vLLM, Ollama). It judges the last message and no other, so all texts are one message: what
 * stands earlier in a conversation, or in a tool's result, reaches the model as well as its end does.
 */
export function openLlamaGuard({ client, model, ignored }: LlamaGuardOptions): Judge {
  return async (question, signal) => {
    const body = { model, messages: messagesOf(question), temperature: 0, max_tokens: outputTokensMax, stream: false };
    const { data } = answerSchema.safeParse(await client.post(body, signal));
    if (data === undefined) {
      throw new GuardError('bad_reply');
    }
    const said = verdict.exec(data.choices[0]?.message.content.trim() ?? '')?.groups;
    if (said === undefined) {
      throw new GuardError('no_verdict');
    }
    return said['safe'] === undefined
      ? flaggedFor(said['codes']?.split(/\s*,\s*/) ?? [], ignored, undefined)
      : { kind: 'clear', score: undefined };
  };
}

/** The last message's role says what is judged. An answer follows a question: templates want the two by turns. */
function messagesOf({ direction, texts, prompt }: GuardQuestion): readonly { readonly role: string; readonly content: string }[] {
  const content = disarm(texts.join('\n\n'));
  return direction === 'request'
    ? [{ role: 'user', content }]
    : [
        { role: 'user', content: disarm(prompt ?? '(not shown)') },
        { role: 'assistant', content },
      ];
}

/**
 * Servers read a model's control tokens in contents, too, and the template ends the conversation by a mark: a text with either could
 * give the verdict itself.
 */
const disarm = (text: string): string => text.replaceAll('<|', '< |').replace(/<(?=(?:BEGIN|END)\b)/gi, '< ');
