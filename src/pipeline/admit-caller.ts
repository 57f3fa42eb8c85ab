import type { Caller } from '../core/caller.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';
import { judgeAccess, judgeNetwork, type Access } from '../policy/access.ts';
import { judgeBlocks } from '../policy/blocks.ts';
import { judgeKeyState } from '../policy/key-state.ts';
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
  // A caller that came without a key has no record, and no scope beside its policies.
  const record = caller.key === undefined ? next(undefined) : judgeKeyState(await ports.keys.find(caller.key), ports.clock());
  if (record.kind !== 'next') {
    return record;
  }
  const access = judgeAccess(caller, record.found, ports.settings().access);
  if (access.kind !== 'next') {
    return access;
  }
  const network = judgeNetwork(access.found, caller.address);
  return network.kind === 'next' ? access : network;
}
