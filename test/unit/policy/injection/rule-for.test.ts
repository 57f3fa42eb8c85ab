import { expect, it } from 'vitest';
import type { InjectionRule } from '../../../../src/core/injection.ts';
import type { Grant } from '../../../../src/policy/access.ts';
import { injectionFor } from '../../../../src/policy/injection/rule-for.ts';

const grant = (injection: InjectionRule | undefined): Grant => ({
  models: undefined,
  operations: undefined,
  providers: undefined,
  networks: undefined,
  masking: undefined,
  policy: 'standard',
  injection,
});

it('is the strictest of what everybody and every policy asks for, and nothing where nobody asks', () => {
  const everybody = { blockers: 'log', alarm: 5, block: undefined } as const;
  const policies = [grant({ blockers: 'block', alarm: 9, block: 12 }), grant(undefined), grant({ blockers: 'log', alarm: 3, block: 20 })];
  expect(injectionFor(everybody, policies)).toEqual({ blockers: 'block', alarm: 3, block: 12 });
  expect(injectionFor(everybody, [grant(undefined)])).toBe(everybody);
  expect(injectionFor(undefined, [grant(undefined)])).toBeUndefined();
});
