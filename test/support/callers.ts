import type { Caller } from '../../src/core/caller.ts';

/** Who came with a virtual key. */
export const CALLER: Caller = {
  kind: 'key',
  key: 'abcdefghij',
  client: 'ledger-app',
  user: undefined,
  team: 'finance',
  tier: undefined,
  issuer: undefined,
  jti: undefined,
  expiresAtMs: undefined,
  address: '192.0.2.1',
};
