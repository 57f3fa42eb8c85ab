import { z } from 'zod';
import { ENTITIES, ENTITY_NAMES, isSecretEntity, PERSONAL_ENTITIES, PERSONAL_GROUP } from '../core/entity-list.ts';
import { ANSWER_ACTIONS, MASK_ACTIONS, PASS_KINDS, type MaskAction, type MaskingRule } from '../core/masking.ts';
import { didYouMean } from './suggest.ts';
import type { Report } from './report.ts';

const entityName = z
  .string('use the name of an entity; for actions of your own write { NAME: ACTION } in place of the list')
  .min(1)
  .max(64);
const host = z.string().regex(/^[a-z0-9.-]{1,253}(:\d{1,5})?$/, 'use a host in small letters, such as docs.example.com');
const pass = z.array(z.enum(PASS_KINDS));

/** A list for what is usual, or an action for each. */
const entities = <Action extends string>(actions: readonly [Action, ...Action[]]) =>
  z.union([z.array(entityName).min(1), z.record(entityName, z.enum(actions))], {
    error: `use a list of entities, or for each one of the actions ${actions.join(', ')}`,
  });

const request = z.strictObject({
  entities: entities(MASK_ACTIONS),
  restore: z.boolean().default(true),
  pass: pass.default(['encrypted']),
});

const response = z.strictObject({
  entities: entities(ANSWER_ACTIONS),
  pass: pass.default(['encrypted', 'tokens', 'reference']),
  trustedHosts: z.array(host).default([]),
});

/** `masking` of the settings and of a policy. */
export const maskingSchema = z.strictObject({ request: request.optional(), response: response.optional() }).meta({ id: 'Masking' });

export type RawMasking = z.output<typeof maskingSchema>;
type RawEntities = z.output<typeof request>['entities'] | z.output<typeof response>['entities'];

export function resolveMasking(raw: RawMasking | undefined): MaskingRule | undefined {
  if (raw === undefined) {
    return undefined;
  }
  return {
    request:
      raw.request === undefined
        ? undefined
        : {
            actions: actionsOf(raw.request.entities, (entity) => (isSecretEntity(entity) ? 'redact' : 'mask')),
            pass: raw.request.pass,
            restore: raw.request.restore,
          },
    response:
      raw.response === undefined
        ? undefined
        : {
            actions: actionsOf(raw.response.entities, () => 'redact'),
            pass: raw.response.pass,
            trustedHosts: raw.response.trustedHosts,
          },
  };
}

/** What is said of an entity by its name holds before what is said of all together. */
function actionsOf(raw: RawEntities, usual: (entity: string) => MaskAction): ReadonlyMap<string, MaskAction> {
  const written = Array.isArray(raw) ? raw.map((name): [string, MaskAction] => [name, usual(name)]) : Object.entries(raw);
  const all = written.find(([name]) => name === PERSONAL_GROUP)?.[1];
  return new Map<string, MaskAction>([
    ...(all === undefined ? [] : PERSONAL_ENTITIES.map((entity): [string, MaskAction] => [entity, all])),
    ...written.filter(([name]) => name !== PERSONAL_GROUP),
  ]);
}

/** The parts of the settings that say what is masked. */
interface MaskingParts {
  readonly masking?: RawMasking | undefined;
  readonly policies: Readonly<Record<string, { readonly masking?: RawMasking | undefined }>>;
  readonly patterns: Readonly<Record<string, unknown>>;
}

/** Names that nothing is known of, secrets that were to come back, and what only answers have. */
export function checkMaskingRelations({ masking, policies, patterns }: MaskingParts, report: Report): void {
  const known = new Set([PERSONAL_GROUP, ...ENTITY_NAMES, ...Object.keys(patterns)]);
  checkEntities(masking, ['masking'], known, report);
  for (const [name, policy] of Object.entries(policies)) {
    checkEntities(policy.masking, ['policies', name, 'masking'], known, report);
  }
}

function checkEntities(masking: RawMasking | undefined, path: readonly string[], known: ReadonlySet<string>, report: Report): void {
  for (const direction of ['request', 'response'] as const) {
    const named = masking?.[direction]?.entities ?? [];
    const entries: readonly (readonly [string | number, string, string?])[] = Array.isArray(named)
      ? named.map((name, index) => [index, name])
      : Object.entries(named).map(([name, action]) => [name, name, action]);
    for (const [at, name, action] of entries) {
      const problem = problemOf(name, action, direction, known);
      if (problem !== undefined) {
        report([...path, direction, 'entities', at], problem);
      }
    }
  }
}

/** `ssn`, `CREDIT_CARD` and `ip_address` are what others call `us_ssn`, `card` and `ip`: one name has all words of the other. */
function nearEntity(name: string, known: ReadonlySet<string>): string {
  const words = wordsOf(name);
  const alike = [...known].filter((each) => isWithin(wordsOf(each), words) || isWithin(words, wordsOf(each)));
  return alike.length === 0 ? didYouMean(name, known) : ` (did you mean ${alike.map((each) => `"${each}"`).join(' or ')}?)`;
}

const wordsOf = (name: string): readonly string[] => name.toLowerCase().split(/[_\s-]+/);
const isWithin = (some: readonly string[], all: readonly string[]): boolean => some.every((word) => all.includes(word));

const onlyInAnswers: ReadonlySet<string> = new Set(
  ENTITIES.filter(({ directions }) => !directions.includes('request')).map(({ name }) => name),
);

function problemOf(
  name: string,
  action: string | undefined,
  direction: 'request' | 'response',
  known: ReadonlySet<string>,
): string | undefined {
  if (!known.has(name)) {
    return `unknown entity "${name}"${nearEntity(name, known)}; docs/detection.md lists them, and "${PERSONAL_GROUP}" is all personal data`;
  }
  if (direction === 'request' && onlyInAnswers.has(name)) {
    return 'this is looked for in answers only: name it under "response"';
  }
  return action === 'mask' && isSecretEntity(name) ? 'a secret is never brought back: use redact or block' : undefined;
}
