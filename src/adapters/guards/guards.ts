import { Buffer } from 'node:buffer';
import { must } from '../../core/assert.ts';
import type { GuardAnswer, GuardFaultCause, GuardVerdict } from '../../core/guard.ts';
import type { EntityAnswer, EntityFinder, GuardQuestion, Guards } from '../../ports/guard.ts';
import { GuardError } from './guard-error.ts';
import { openGuard, type GuardOptions, type OpenGuard } from './open-guard.ts';

export interface OpenGuards extends Guards, EntityFinder {
  /** What is under way ends by its own time limit. */
  close(): void;
}

/** Opens a client for each guard. Throws `InvariantError` for a URL that the settings check should have refused. */
export function openGuards(guards: readonly GuardOptions[]): OpenGuards {
  const opened: ReadonlyMap<string, OpenGuard> = new Map(guards.map((options) => [options.name, openGuard(options)]));
  const guardNamed = (name: string): OpenGuard => {
    const guard = opened.get(name);
    must(guard !== undefined, `the guard ${name} is one of the settings`);
    return guard;
  };
  return {
    judge: async (names, question, signal) =>
      Promise.all(
        names.map(async (name): Promise<GuardAnswer> => {
          const startedMs = performance.now();
          const verdict = await attempt<GuardVerdict>(
            async () => judgeTexts(guardNamed(name), question, signal),
            (cause) => ({ kind: 'fault', cause }),
          );
          return { guard: name, verdict, tookMs: performance.now() - startedMs };
        }),
      ),
    find: async (name, texts, signal) =>
      attempt<EntityAnswer>(
        async () => {
          const { find, limits } = guardNamed(name);
          must(find !== undefined, `the guard ${name} is a Presidio analyzer`);
          const known = wellFormed(texts, limits.textBytesMax);
          return { kind: 'found', entities: await inTime(async (deadline) => find(known, deadline), limits.timeoutMs, signal) };
        },
        (cause) => ({ kind: 'fault', cause }),
      ),
    close: () => {
      for (const { close } of opened.values()) {
        close();
      }
    },
  };
}

async function judgeTexts({ judge, limits }: OpenGuard, question: GuardQuestion, signal: AbortSignal): Promise<GuardVerdict> {
  const { direction, prompt } = question;
  const texts = wellFormed(question.texts, limits.textBytesMax).filter((text) => text.trim() !== '');
  if (texts.length === 0) {
    return { kind: 'clear', score: undefined };
  }
  // It only helps to judge: without one that is too long the answer is judged by itself.
  const isShown = prompt !== undefined && bytesOf([...texts, prompt]) <= limits.textBytesMax;
  const known = { direction, texts, prompt: isShown ? prompt.toWellFormed() : undefined };
  return inTime(async (deadline) => judge(known, deadline), limits.timeoutMs, signal);
}

const bytesOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** Half of a surrogate pair is no character, and not every parser takes one. Its replacement is as long. */
function wellFormed(texts: readonly string[], bytesMax: number): readonly string[] {
  if (bytesOf(texts) > bytesMax) {
    throw new GuardError('question_too_large');
  }
  return texts.map((text) => text.toWellFormed());
}

async function inTime<Answer>(ask: (deadline: AbortSignal) => Promise<Answer>, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const answer = await ask(deadline);
  // Looked at after the work, too: a late "clear" must not become one.
  if (deadline.aborted) {
    throw new GuardError('timeout');
  }
  return answer;
}

async function attempt<Answer>(work: () => Promise<Answer>, failed: (cause: GuardFaultCause) => Answer): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    return failed(error instanceof GuardError ? error.code : 'internal');
  }
}
