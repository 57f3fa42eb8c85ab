import { oncePer } from '../core/once-per.ts';
import { fault, next, type Outcome } from '../core/outcome.ts';
import type { Secret } from '../core/secret.ts';
import { pepperName, type Credentials } from './ports.ts';

/**
 * What `derive` makes of the pepper in use (a MAC, a key), made once for each pepper. Every process shares the pepper; without it nothing
 * can be decided, and `step` says what could not.
 */
export function openPepperMac<Derived extends object>(
  step: string,
  derive: (pepper: Secret) => Derived,
): (credentials: Credentials) => Outcome<Derived> {
  const derivedOf = oncePer(derive);
  return (credentials) => {
    const pepper = credentials.served(pepperName);
    return pepper === undefined ? fault(step, 'secret', 'the pepper of virtual keys is not known') : next(derivedOf(pepper));
  };
}
