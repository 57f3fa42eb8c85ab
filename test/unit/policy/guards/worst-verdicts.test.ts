import { describe, expect, it } from 'vitest';
import type { GuardVerdict } from '../../../../src/core/guard.ts';
import { describeVerdicts, type NamedVerdict } from '../../../../src/policy/guards/judge-answers.ts';
import { worstVerdicts } from '../../../../src/policy/guards/worst-verdicts.ts';

const clear = (score?: number): GuardVerdict => ({ kind: 'clear', score });
const slow: GuardVerdict = { kind: 'fault', cause: 'timeout' };
const away: GuardVerdict = { kind: 'fault', cause: 'unreachable' };
const of = (verdict: GuardVerdict) => [{ guard: 'a', verdict }];

describe('worstVerdicts', () => {
  it.each<[string, readonly GuardVerdict[], string]>([
    ['the highest score', [clear(0.1), clear(0.3), clear(0.2)], 'a clear (0.30)'],
    ['the last score where it is higher', [clear(0.1), clear(0.2)], 'a clear (0.20)'],
    ['a score before none', [clear(), clear(0), clear(0.2), clear()], 'a clear (0.20)'],
    ['none where no verdict has one', [clear(), clear()], 'a clear'],
    ['a fault before what came earlier', [clear(1), slow], 'a fault timeout'],
    ['a fault before what came later', [slow, clear(1)], 'a fault timeout'],
    ['the first of several faults', [clear(), slow, away], 'a fault timeout'],
  ])('tells %s', (_, verdicts, told) => {
    const worst = verdicts.map(of).reduce<readonly NamedVerdict[]>((before, now) => worstVerdicts(before, now), []);
    expect(describeVerdicts(worst)).toEqual([told]);
  });

  it('tells each guard once, in the order in which they are asked', () => {
    const [first, second] = [
      { guard: 'a', verdict: slow },
      { guard: 'b', verdict: clear(0.5) },
    ] as const;
    expect(worstVerdicts([second, first], [{ ...first, verdict: clear() }, second])).toEqual([first, second]);
  });
});
