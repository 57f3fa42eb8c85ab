import { InvariantError } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import type { Eventually } from '../core/eventually.ts';
import { fault, type FaultCause, type Outcome } from '../core/outcome.ts';
import { SecretError } from '../ports/secret-source.ts';
import { StoreError } from '../ports/key-store.ts';
import { TokenKeysError } from '../ports/token-keys.ts';

/**
 * Runs one stage of an exchange. The only `catch` of the decision path: whatever is thrown becomes a fault, and a fault
 * denies. The deadline is looked at after the work too: a late `next` must not become an allow.
 */
export function runStage<Found>(
  name: string,
  clock: Clock,
  stageMsMax: number,
  work: () => Eventually<Outcome<Found>>,
): Eventually<Outcome<Found>> {
  const startedMs = clock();
  const inTime = (outcome: Outcome<Found>): Outcome<Found> => {
    const tookMs = clock() - startedMs;
    return tookMs > stageMsMax ? fault(name, 'deadline', `took ${String(tookMs)} ms`) : outcome;
  };
  const thrown = (error: unknown): Outcome<Found> => fault(name, causeOf(error), describe(error));
  try {
    const outcome = work();
    return outcome instanceof Promise ? outcome.then(inTime).catch(thrown) : inTime(outcome);
  } catch (error) {
    return thrown(error);
  }
}

function causeOf(error: unknown): FaultCause {
  if (error instanceof StoreError) {
    return 'store';
  }
  if (error instanceof SecretError) {
    return 'secret';
  }
  if (error instanceof TokenKeysError) {
    return 'jwks';
  }
  return error instanceof InvariantError ? 'invariant' : 'internal';
}

/** Own errors carry no secrets in their messages; a foreign error's message might, so only its name is kept. */
function describe(error: unknown): string {
  if (error instanceof StoreError || error instanceof SecretError || error instanceof TokenKeysError || error instanceof InvariantError) {
    return error.message;
  }
  return error instanceof Error ? error.name : 'unknown';
}
