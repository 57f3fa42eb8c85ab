import { expect, it } from 'vitest';
import { threadTimeMs } from '../../../support/thread-time.ts';
import { judgeInjection } from '../../../../src/policy/injection/judge.ts';

const units = 100_000;
const timeMsMax = 50;

const fill = (text: string): string => text.repeat(Math.ceil(units / text.length)).slice(0, units);

/** What the patterns like to try: their beginnings again and again, and what nearly is a match. */
const texts = [
  'a',
  ' ',
  '\n',
  '.',
  'é',
  'а',
  'a b ',
  'the ',
  'all ',
  'what ',
  'not ',
  'above ',
  'safety ',
  'your rules ',
  'your old rules ',
  'ignore ',
  'ignore all ',
  'ignore all the previous ',
  'ignore everything a ',
  'forget a ',
  'new instructions a ',
  'instructions ',
  'print your ',
  'print your system ',
  'tell me the words ',
  'you are ',
  'act ',
  'act as a ',
  'pretend ',
  'never refuse ',
  'without a refusing ',
  'decode ',
  'base64 ',
  'i am your developer ',
  'openai team ',
  'openai a a a ',
  'system override ',
  'comply ',
  'never a cannot ',
  'assistant, ',
  'if you are ',
  'do not tell ',
  'note to ',
  'when you read ',
  '<|',
  '[',
  '[/',
  '<start of ',
  '<!-- ',
  '\u200b',
  'a\u200b',
  '\u{e0041}',
  '\u{1f3f4}\u{e0067}',
  '\ufe0f',
  '\u202b',
  'aаa',
  '[a](',
  '![](http://a',
  '![](http://a/',
  '![a',
  '<img ',
  '<img src=http://a',
  '[a]: ',
  '![](http://a/?b=',
  '![]',
];

it(`${String(units)} characters of what the patterns like take at most ${String(timeMsMax)} ms`, { timeout: 120_000 }, () => {
  for (const text of texts.map(fill)) {
    for (const origin of ['tool', 'assistant'] as const) {
      const run = (): void => void judgeInjection([{ origin, text }]);
      expect(threadTimeMs(run, timeMsMax), JSON.stringify(text.slice(0, 40))).toBeLessThanOrEqual(timeMsMax);
    }
  }
});
