import type { Caller } from '../core/caller.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';
import { judgeAccess, judgeNetwork, type Access } from '../policy/access.ts';
import { judgeBlocks } from '../policy/blocks.ts';
import { judgeKeyState } from '../policy/key-state.ts';
import type { Block, KeyRecord } from '../ports/key-store.ts';
import type { Ports } from './ports.ts';

/**
 * May this caller, whose proof stands, do anything at all now? Asked at every stage: a slow upload puts seconds between
 * identification and decision, and a key revoked meanwhile must not be used.
 */
export const admitCaller = (ports: Ports, caller: Caller): Eventually<Outcome<Access>> =>
  when(ports.keys.blocks(), (blocks) =>
    // A caller that came without a key has no record, and no scope beside its policies.
    when(caller.key === undefined ? undefined : ports.keys.find(caller.key), (record) => judgeCaller(ports, caller, blocks, record)),
  );

function judgeCaller(ports: Ports, caller: Caller, blocks: readonly Block[], record: KeyRecord | undefined): Outcome<Access> {
  const blocked = judgeBlocks(blocks, caller);
  if (blocked.kind !== 'next') {
    return blocked;
  }
  if (caller.expiresAtMs !== undefined && ports.clock() >= caller.expiresAtMs) {
    return deny('credential_expired');
  }
  const scope = caller.key === undefined ? next(undefined) : judgeKeyState(record, ports.clock());
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
