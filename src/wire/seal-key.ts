import type { Secret } from '../core/secret.ts';
import { fault, next, type Outcome } from '../core/outcome.ts';
import type { Mac } from '../policy/mac.ts';
import { openSealMac } from '../policy/seal.ts';
import { pepperName, type Credentials } from '../pipeline/ports.ts';

const derived = new WeakMap<Secret, Mac>();

/** The key of the seal, shared by every process that shares the pepper. Without the pepper nothing can be decided. */
export function sealKey(credentials: Credentials): Outcome<Mac> {
  const pepper = credentials.served(pepperName);
  if (pepper === undefined) {
    return fault('seal', 'secret', 'the pepper of virtual keys is not known');
  }
  const known = derived.get(pepper);
  if (known !== undefined) {
    return next(known);
  }
  const key = openSealMac(pepper);
  derived.set(pepper, key);
  return next(key);
}
