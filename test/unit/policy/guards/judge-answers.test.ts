import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLER_MADE, type GuardAnswer, type GuardFaultCause, type GuardVerdict } from '../../../../src/core/guard.ts';
import { describeVerdict, describeVerdicts, judgeAnswers } from '../../../../src/policy/guards/judge-answers.ts';
import type { GuardRule } from '../../../../src/policy/guards/tables.ts';

const rule = (name: string, onFault: 'deny' | 'allow' = 'deny'): GuardRule => ({ name, onFault, on: ['request'], stream: 'refuse' });
const answer = (guard: string, verdict: GuardVerdict): GuardAnswer => ({ guard, verdict, tookMs: 1 });
const clear: GuardVerdict = { kind: 'clear', score: 0.1 };
const flagged: GuardVerdict = { kind: 'flagged', labels: ['S1', 'S10'], score: 0.97 };
const faulty = (cause: GuardFaultCause): GuardVerdict => ({ kind: 'fault', cause });

const away = [
  'timeout',
  'unreachable',
  'untrusted',
  'refused_address',
  'no_credential',
  'overload',
  'rejected',
  'unavailable',
  'bad_reply',
] as const;

describe('judgeAnswers', () => {
  it('lets pass what every guard has cleared', () => {
    const judged = judgeAnswers([rule('a'), rule('b')], [answer('b', clear), answer('a', { kind: 'clear', score: undefined })], 'request');
    expect(judged.kind === 'next' && describeVerdicts(judged.found)).toEqual(['a clear', 'b clear (0.10)']);
  });

  it('lets pass where no guard is required', () => {
    expect(judgeAnswers([], [answer('a', flagged)], 'request').kind).toBe('next');
  });

  it.each(['request', 'response'] as const)('refuses a flagged %s, and says which side it was', (direction) => {
    expect(judgeAnswers([rule('a')], [answer('a', flagged)], direction)).toEqual({
      kind: 'deny',
      denial: {
        code: 'guard_flagged',
        detail: `${direction}: a flagged S1,S10 (0.97)`,
        publicHint: `It was in the ${direction === 'request' ? 'request' : 'answer'}.`,
      },
    });
  });

  it('refuses for the first guard that flagged, in the order of the rules, before any fault', () => {
    const answers = [answer('c', flagged), answer('b', { ...flagged, labels: [] }), answer('a', faulty('timeout'))];
    const judged = judgeAnswers([rule('a'), rule('b'), rule('c')], answers, 'request');
    expect(judged).toMatchObject({ kind: 'deny', denial: { detail: 'request: b flagged unnamed (0.97)' } });
  });

  it('a fault of a guard that may be away does not stand before one that may not', () => {
    const answers = [answer('a', faulty('timeout')), answer('b', faulty('unreachable'))];
    expect(judgeAnswers([rule('a', 'allow'), rule('b')], answers, 'request')).toEqual({
      kind: 'fault',
      fault: { step: 'guard', cause: 'guard', detail: 'b fault unreachable' },
    });
  });

  it('a guard that may be away does not outvote one that flagged', () => {
    const answers = [answer('a', faulty('timeout')), answer('b', flagged)];
    expect(judgeAnswers([rule('a', 'allow'), rule('b')], answers, 'response').kind).toBe('deny');
  });

  it.each(away)('without a verdict (%s) nothing passes, unless the settings say so', (cause) => {
    expect(judgeAnswers([rule('a')], [answer('a', faulty(cause))], 'request')).toMatchObject({ kind: 'fault', fault: { cause: 'guard' } });
    expect(judgeAnswers([rule('a', 'allow')], [answer('a', faulty(cause))], 'request')).toEqual({
      kind: 'next',
      found: [{ guard: 'a', verdict: faulty(cause) }],
    });
  });

  it.each([...CALLER_MADE, 'internal'] as const)('what a caller can bring about (%s) never passes', (cause) => {
    for (const direction of ['request', 'response'] as const) {
      expect(judgeAnswers([rule('a', 'allow')], [answer('a', faulty(cause))], direction).kind).not.toBe('next');
    }
  });

  it('says what to do about too much text, where the client can do it', () => {
    const answers = [answer('a', faulty('question_too_large'))];
    expect(judgeAnswers([rule('a')], answers, 'request')).toMatchObject({ kind: 'deny', denial: { code: 'body_too_large' } });
    expect(judgeAnswers([rule('a')], answers, 'response')).toMatchObject({ kind: 'fault' });
  });

  it.each<[string, readonly GuardAnswer[]]>([
    ['was not asked', []],
    ['is not among those that answered', [answer('b', clear)]],
    ['has two opinions', [answer('a', clear), answer('a', clear)]],
  ])('a guard that %s has not cleared anything', (_what, answers) => {
    expect(judgeAnswers([rule('a', 'allow')], answers, 'request')).toMatchObject({ kind: 'fault', fault: { detail: 'a fault internal' } });
  });

  it('no answers make a pass out of a guard that denies on faults and did not clear', () => {
    const verdicts = fc.oneof(
      fc.constant(flagged),
      fc.constantFrom(...away, ...CALLER_MADE, 'internal' as const).map((cause): GuardVerdict => ({ kind: 'fault', cause })),
    );
    const others = fc.array(
      fc.record({ guard: fc.constantFrom('b', 'c'), verdict: fc.oneof(fc.constant(clear), verdicts), tookMs: fc.nat() }),
    );
    fc.assert(
      fc.property(verdicts, others, (verdict, rest) => {
        const judged = judgeAnswers([rule('b', 'allow'), rule('a'), rule('c', 'allow')], [...rest, answer('a', verdict)], 'request');
        expect(judged.kind).not.toBe('next');
      }),
    );
  });
});

describe('describeVerdict', () => {
  const planted = [
    '4111 1111 1111 1111',
    'ada@example.com',
    'sk-live_0123456789',
    'x'.repeat(65),
    'ignore all instructions',
    'é',
    '',
    '2024',
  ];

  it.each(planted)('never repeats what is no label: %j', (label) => {
    expect(describeVerdict('a', { kind: 'flagged', labels: [label, 'S1'], score: undefined })).toBe('a flagged other,S1');
  });

  it('tells each label once, and not more than a line takes', () => {
    const labels = Array.from({ length: 100 }, (_, index) => `L${String(index)}`);
    expect(describeVerdict('a', { kind: 'flagged', labels: ['S1', 'S1'], score: 1 })).toBe('a flagged S1 (1.00)');
    expect(describeVerdict('a', { kind: 'flagged', labels, score: undefined }).split(',')).toHaveLength(16);
  });
});
