import { strictestInjection, type InjectionRule } from '../../core/injection.ts';
import type { Access } from '../access.ts';

/** Of everybody and of the caller's policies, the strictest; undefined where none of them says anything. */
export function injectionFor(everybody: InjectionRule | undefined, access: Access): InjectionRule | undefined {
  const [first, ...others] = [everybody, ...access.map((grant) => grant.injection)].filter((rule) => rule !== undefined);
  return first === undefined ? undefined : others.reduce((left, right) => strictestInjection(left, right), first);
}
