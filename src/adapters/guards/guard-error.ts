import type { GuardFaultCause } from '../../core/guard.ts';

/** A guard gave no verdict. The message is a code; what the other side said stays in `cause`, and nothing of the question is in it. */
export class GuardError extends Error {
  override readonly name = 'GuardError';
  readonly code: GuardFaultCause;

  constructor(code: GuardFaultCause, cause?: unknown) {
    super(`guard: ${code}`, { cause });
    this.code = code;
  }
}
