import { deny, next, type Outcome } from '../../core/outcome.ts';

/** Placeholders may be longer than what they stand for, and what a provider gets has the same limit as what a client sends. */
export const judgeMaskedSize = (body: Uint8Array, bytesMax: number): Outcome<null> =>
  body.length <= bytesMax
    ? next(null)
    : deny('body_too_large', `${String(body.length)} bytes masked`, 'With placeholders in the place of personal data it is.');
