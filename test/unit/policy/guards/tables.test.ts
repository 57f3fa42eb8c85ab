import { describe, expect, it } from 'vitest';
import { guardsFor, prepareGuards, type GuardRule } from '../../../../src/policy/guards/tables.ts';

const both: GuardRule = { name: 'both', on: ['request', 'response'], onFault: 'deny', stream: 'buffer' };
const asked: GuardRule = { name: 'asked', on: ['request'], onFault: 'allow', stream: 'refuse' };
const answered: GuardRule = { name: 'answered', on: ['response'], onFault: 'deny', stream: 'refuse' };

const tables = prepareGuards({
  guardrails: new Map([both, asked, answered].map((rule) => [rule.name, rule])),
  policies: new Map([
    ['wide', { guards: [] }],
    ['narrow', { guards: ['asked', 'both'] }],
    ['strict', { guards: ['both', 'answered'] }],
  ]),
});
const namesFor = (policies: readonly string[], direction: 'request' | 'response'): readonly string[] =>
  guardsFor(tables, policies, direction).map(({ name }) => name);

describe('guardsFor', () => {
  it('gives the guards of one policy in its order, by direction', () => {
    expect(namesFor(['narrow'], 'request')).toEqual(['asked', 'both']);
    expect(namesFor(['narrow'], 'response')).toEqual(['both']);
  });

  it('gives those of all policies, each once: one without guards takes none away', () => {
    expect(namesFor(['wide', 'narrow', 'strict'], 'request')).toEqual(['asked', 'both']);
    expect(namesFor(['strict', 'wide', 'narrow'], 'response')).toEqual(['both', 'answered']);
  });

  it('gives none where no policy names one', () => {
    expect(namesFor(['wide'], 'request')).toEqual([]);
    expect(namesFor(['unknown'], 'request')).toEqual([]);
  });
});

describe('prepareGuards', () => {
  it('does not forget a guard that is not declared', () => {
    const policies = new Map([['strict', { guards: ['both', 'other'] }]]);
    expect(() => prepareGuards({ guardrails: new Map([['both', both]]), policies })).toThrow('the guard other of a policy is declared');
  });
});
