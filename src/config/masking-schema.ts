import { z } from 'zod';
import { isSecretEntity, PERSONAL_ENTITIES, PERSONAL_GROUP, SECRET_ENTITIES } from '../core/entity.ts';
import { ANSWER_ACTIONS, MASK_ACTIONS, PASS_KINDS, type MaskAction, type MaskingRule } from '../core/masking.ts';
import { didYouMean } from './suggest.ts';

const entityName = z.string().min(1).max(64);
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
      raw.response === undefined ? undefined : { actions: actionsOf(raw.response.entities, () => 'redact'), pass: raw.response.pass },
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

type Report = (path: readonly (string | number)[], message: string) => void;

/** The parts of the settings that say what is masked. */
interface MaskingParts {
  readonly masking?: RawMasking | undefined;
  readonly policies: Readonly<Record<string, { readonly masking?: RawMasking | undefined }>>;
}

/** Names that nothing is known of, and secrets that were to come back. */
export function checkMaskingRelations({ masking, policies }: MaskingParts, report: Report): void {
  checkEntities(masking, ['masking'], report);
  for (const [name, policy] of Object.entries(policies)) {
    checkEntities(policy.masking, ['policies', name, 'masking'], report);
  }
}

const known: ReadonlySet<string> = new Set([PERSONAL_GROUP, ...PERSONAL_ENTITIES, ...SECRET_ENTITIES]);

function checkEntities(masking: RawMasking | undefined, path: readonly string[], report: Report): void {
  for (const direction of ['request', 'response'] as const) {
    const named = masking?.[direction]?.entities ?? [];
    const entries: readonly (readonly [string | number, string, string?])[] = Array.isArray(named)
      ? named.map((name, index) => [index, name])
      : Object.entries(named).map(([name, action]) => [name, name, action]);
    for (const [at, name, action] of entries) {
      if (!known.has(name)) {
        report([...path, direction, 'entities', at], `unknown entity "${name}"${didYouMean(name, known)}; docs/detection.md lists them`);
      } else if (action === 'mask' && isSecretEntity(name)) {
        report([...path, direction, 'entities', at], 'a secret is never brought back: use redact or block');
      }
    }
  }
}
