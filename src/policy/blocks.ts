import { never } from '../core/assert.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';

/** One entry of the kill switch, as far as it decides. */
export interface StandingBlock {
  readonly kind: 'key' | 'client' | 'issuer' | 'jti' | 'all';
  readonly value: string;
}

/** What a caller can be blocked by; undefined where this kind of credential does not have it. */
export interface BlockSubject {
  readonly key: string | undefined;
  readonly client: string;
  readonly issuer: string | undefined;
  readonly jti: string | undefined;
}

/** A token id is blocked at every issuer: two issuers may give the same one, and too wide is the safe side of a kill switch. */
export function judgeBlocks(blocks: readonly StandingBlock[], subject: BlockSubject): Outcome<null> {
  const hit = blocks.find((block) => isHit(block, subject));
  return hit === undefined ? next(null) : deny('caller_blocked', `block of kind ${hit.kind}`);
}

function isHit(block: StandingBlock, subject: BlockSubject): boolean {
  switch (block.kind) {
    case 'all':
      return true;
    case 'key':
      return block.value === subject.key;
    case 'client':
      return block.value === subject.client;
    case 'issuer':
      return block.value === subject.issuer;
    case 'jti':
      return block.value === subject.jti;
    default:
      return never(block.kind);
  }
}
