import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGuards } from '../../src/adapters/guards/guards.ts';
import type { GuardOptions } from '../../src/adapters/guards/open-guard.ts';
import type { GuardDirection, GuardVerdict } from '../../src/core/guard.ts';

export interface GuardStage {
  readonly options: GuardOptions;
  /** A text that is flagged for `label` and nothing else, and one that is clear. */
  readonly harmful: string;
  readonly label: string;
  readonly harmless: string;
  readonly close: () => Promise<void>;
}

const signal = (): AbortSignal => AbortSignal.timeout(30_000);

/** The verdict of one guard alone. */
export async function judgeOnce(
  options: GuardOptions,
  texts: readonly string[],
  direction: GuardDirection = 'request',
): Promise<GuardVerdict | undefined> {
  const guards = openGuards([options]);
  const [answer] = await guards.judge([options.name], { direction, texts, prompt: undefined }, signal());
  guards.close();
  return answer?.verdict;
}

/** What holds of a guard whatever it speaks. */
export function describeGuard(kind: string, open: () => Promise<GuardStage>): void {
  describe(`a guard: ${kind}`, () => {
    let stage: GuardStage;
    beforeAll(async () => {
      stage = await open();
    });
    afterAll(async () => {
      await stage.close();
    });

    it.each(['request', 'response'] as const)('flags a harmful %s, with its label', async (direction) => {
      const { options, harmful, label } = stage;
      const verdict = await judgeOnce(options, [harmful], direction);
      expect(verdict).toMatchObject({ kind: 'flagged', labels: [label] });
      expect(verdict?.kind === 'flagged' ? (verdict.score ?? 1) : 0).toBeGreaterThan(0.3);
    });

    it('clears what is harmless', async () => {
      expect(await judgeOnce(stage.options, [stage.harmless, 'Thank you.'])).toMatchObject({ kind: 'clear' });
    });

    it.each([
      ['first', 0],
      ['in the middle', 150],
      ['last', 299],
    ])('sees the harmful text that stands %s among three hundred', async (_where, place) => {
      const texts = Array.from({ length: 300 }, (_, index) =>
        index === place ? stage.harmful : `${stage.harmless} ${'again '.repeat(index % 7)}`,
      );
      expect(await judgeOnce(stage.options, texts)).toMatchObject({ kind: 'flagged', labels: [stage.label] });
    });

    it('sees it behind half a surrogate pair, emoji and control characters', async () => {
      expect(await judgeOnce(stage.options, [`\ud800 \udc00\u0000\u001b 👩‍👩‍👧‍👦 ${stage.harmful}`])).toMatchObject({ kind: 'flagged' });
    });

    it('flags nothing for a label that is ignored', async () => {
      expect(await judgeOnce({ ...stage.options, ignore: [stage.label] }, [stage.harmful])).toMatchObject({ kind: 'clear' });
      expect(await judgeOnce({ ...stage.options, ignore: ['OTHER'] }, [stage.harmful])).toMatchObject({ kind: 'flagged' });
    });

    it('needs no verdict about nothing', async () => {
      expect(await judgeOnce({ ...stage.options, url: 'http://127.0.0.1:1' }, ['', ' \n\t'])).toEqual({ kind: 'clear', score: undefined });
    });

    it('gives none about more text than it takes, to the byte', async () => {
      const options = { ...stage.options, textBytesMax: stage.harmless.length };
      expect(await judgeOnce(options, [stage.harmless])).toMatchObject({ kind: 'clear' });
      expect(await judgeOnce(options, [stage.harmless, '.'])).toEqual({ kind: 'fault', cause: 'question_too_large' });
    });

    it('gives none once the exchange has no time left', async () => {
      const guards = openGuards([stage.options]);
      const question = { direction: 'request', texts: [stage.harmless], prompt: undefined } as const;
      const [answer] = await guards.judge(['safety'], question, AbortSignal.abort());
      guards.close();
      expect(answer?.verdict).toEqual({ kind: 'fault', cause: 'timeout' });
    });

    it('answers many at once', async () => {
      const guards = openGuards([stage.options]);
      const texts = [stage.harmless, stage.harmful];
      const all = await Promise.all(
        Array.from({ length: 40 }, async (_, index) =>
          guards.judge(['safety'], { direction: 'request', texts: [texts[index % 2] ?? ''], prompt: undefined }, signal()),
        ),
      );
      guards.close();
      expect(all.flat().map(({ verdict }) => verdict.kind)).toEqual(
        Array.from({ length: 40 }, (_, index) => ['clear', 'flagged'][index % 2]),
      );
    });
  });
}
