import { PERSON } from '../core/entity-list.ts';
import type { RawMasking } from './masking-schema.ts';
import type { RawSettings } from './schema.ts';
import type { Report } from './report.ts';

/** A pattern or a list of names for an entity that no masking names would find nothing, which nobody means. */
export function checkUnusedDetection({ masking, policies, patterns, names }: RawSettings, report: Report): void {
  const maskings = [masking, ...Object.values(policies).map((policy) => policy.masking)];
  const looked = new Set(maskings.flatMap(namesIn));
  const check = (path: readonly string[], entity: string): void => {
    if (!looked.has(entity)) {
      report(
        path,
        `no masking names the entity "${entity}", so this would find nothing; add it to masking.request.entities, or to those of answers or of a policy, or remove this`,
      );
    }
  };
  for (const pattern of Object.keys(patterns)) {
    check(['patterns', pattern], pattern);
  }
  if (names.known.length > 0 || names.presidio !== undefined) {
    check(['names'], PERSON);
  }
}

const namesIn = (masking: RawMasking | undefined): readonly string[] =>
  [masking?.request?.entities ?? [], masking?.response?.entities ?? []].flatMap((entities) =>
    Array.isArray(entities) ? entities : Object.keys(entities),
  );
