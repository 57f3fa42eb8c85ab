import { fault, next, type Outcome } from '../core/outcome.ts';
import type { Secret } from '../core/secret.ts';
import type { Mac } from '../policy/mac.ts';
import { pepperName, type Credentials } from './ports.ts';

/**
 * The MAC that `derive` makes of the pepper in use, made once for each pepper. Every process shares the pepper; without it nothing
 * can be decided, and `step` says what could not.
 */
export function openPepperMac(step: string, derive: (pepper: Secret) => Mac): (credentials: Credentials) => Outcome<Mac> {
  const derived = new WeakMap<Secret, Mac>();
  return (credentials) => {
    const pepper = credentials.served(pepperName);
    if (pepper === undefined) {
      return fault(step, 'secret', 'the pepper of virtual keys is not known');
    }
    const known = derived.get(pepper);
    if (known !== undefined) {
      return next(known);
    }
    const mac = derive(pepper);
    derived.set(pepper, mac);
    return next(mac);
  };
}
