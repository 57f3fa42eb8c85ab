import { must } from '../../core/assert.ts';
import type { GuardDirection, GuardStream } from '../../core/guard.ts';

/** What a policy's guard means for an exchange, as the settings have it. */
export interface GuardRule {
  readonly name: string;
  readonly on: readonly GuardDirection[];
  readonly onFault: 'deny' | 'allow';
  readonly stream: GuardStream;
}

export interface GuardSettings {
  readonly guardrails: ReadonlyMap<string, GuardRule>;
  readonly policies: ReadonlyMap<string, { readonly guards: readonly string[] }>;
}

/** By policy, in the order in which the policy names them. */
export type GuardTables = ReadonlyMap<string, Readonly<Record<GuardDirection, readonly GuardRule[]>>>;

export function prepareGuards({ guardrails, policies }: GuardSettings): GuardTables {
  const ruleOf = (name: string): GuardRule => {
    const rule = guardrails.get(name);
    must(rule !== undefined, `the guard ${name} of a policy is declared`);
    return rule;
  };
  const rulesOf = (names: readonly string[], direction: GuardDirection): readonly GuardRule[] =>
    names.map(ruleOf).filter(({ on }) => on.includes(direction));
  return new Map(
    [...policies].map(([policy, { guards }]) => [policy, { request: rulesOf(guards, 'request'), response: rulesOf(guards, 'response') }]),
  );
}

/** Every guard of every policy that holds for a caller, each once: policies narrow each other, so each one's guards are asked. */
export function guardsFor(tables: GuardTables, policies: Iterable<string>, direction: GuardDirection): readonly GuardRule[] {
  const rules = new Map<string, GuardRule>();
  for (const policy of policies) {
    for (const rule of tables.get(policy)?.[direction] ?? []) {
      rules.set(rule.name, rule);
    }
  }
  return [...rules.values()];
}
