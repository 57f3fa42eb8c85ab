import type { Caller } from '../core/caller.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';
import { judgeAccess, judgeNetwork, type Access } from '../policy/access.ts';
import { judgeBlocks } from '../policy/blocks.ts';
import { judgeKeyState } from '../policy/key-state.ts';
import type { KeyRecord } from '../ports/key-store.ts';
import type { Ports } from './ports.ts';

/**
 * May this caller, whose proof stands, do anything at all now? Asked at every stage: a slow upload puts seconds between
 * identification and decision, and a key revoked meanwhile must not be used.
 */
export async function admitCaller(ports: Ports, caller: Caller): Promise<Outcome<Access>> {
  const blocked = judgeBlocks(await ports.keys.blocks(), caller);
  if (blocked.kind !== 'next') {
    return blocked;
  }
  if (caller.expiresAtMs !== undefined && ports.clock() >= caller.expiresAtMs) {
    return deny('credential_expired');
  }
  const scope = await keyScope(ports, caller);
  if (scope.kind !== 'next') {
    return scope;
  }
  const access = judgeAccess(caller, scope.found, ports.settings().access);
  if (access.kind !== 'next') {
    return access;
  }
  const network = judgeNetwork(access.found, caller.address);
  return network.kind === 'next' ? access : network;
}

/** The key's record as it is now; nothing for a caller that came without a key. */
async function keyScope(ports: Ports, caller: Caller): Promise<Outcome<KeyRecord | undefined>> {
  if (caller.key === undefined) {
    return next(undefined);
  }
  return judgeKeyState(await ports.keys.find(caller.key), ports.clock());
}
