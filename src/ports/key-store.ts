import type { Eventually } from '../core/eventually.ts';
import type { Operation } from '../core/operation.ts';

/** A virtual key as stored: never the key itself, only digests of it. */
export interface KeyRecord {
  readonly id: string;
  /** The `<env>` part of `vk_<env>_...`, e.g. `live` or `test`. */
  readonly environment: string;
  readonly name: string;
  /** The application the key was issued to; `block --client` and policies name it. */
  readonly client: string;
  readonly team: string | undefined;
  readonly tier: string | undefined;
  readonly user: string | undefined;
  /** Name of the policy given to this very key; team, client and tier policies apply beside it. */
  readonly policy: string | undefined;
  /** The key's own, narrower scope; undefined = not narrowed. Model entries are exact names or `prefix*`. */
  readonly models: readonly string[] | undefined;
  readonly operations: readonly Operation[] | undefined;
  readonly networks: readonly string[] | undefined;
  /** Lower-case hex HMAC-SHA-256(pepper, whole key); one or, during rotation, two that are live. */
  readonly digests: readonly string[];
  readonly createdAtMs: number;
  /** Epoch milliseconds; undefined only where the operator asked for a key that never expires. */
  readonly expiresAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
}

export const BLOCK_KINDS = ['key', 'client', 'issuer', 'jti', 'all'] as const;
export type BlockKind = (typeof BLOCK_KINDS)[number];

/** One entry of the kill switch. */
export interface Block {
  readonly kind: BlockKind;
  /** The key id, client, issuer or token id; empty for `all`. */
  readonly value: string;
  readonly reason: string;
  readonly atMs: number;
  /** Streams already running are cut too; otherwise they finish. */
  readonly abortStreams: boolean;
}

/**
 * What decisions read. Answers are at most `storeStaleMsMax` (2 s) old, so a revocation is last overlooked well inside 5 s.
 * What is known is given at once. Every method throws `StoreError`, or its promise does, where the answer is unknown (locked, gone, too slow); "unknown" is never "absent".
 */
export interface KeyReader {
  find(id: string): Eventually<KeyRecord | undefined>;
  blocks(): Eventually<readonly Block[]>;
  /** Called whenever blocks or keys may have changed; returns how to stop being called. */
  onChange(listener: () => void): () => void;
  /** True while the last look at the store succeeded recently enough to decide by. */
  healthy(): boolean;
}

/** What the commands `keys`, `block` and `unblock` write. Every write is durable when its promise resolves. */
export interface KeyAdmin {
  create(record: KeyRecord): Promise<void>;
  list(): Promise<readonly KeyRecord[]>;
  /** False where there is no such key. Revoking twice keeps the first time. */
  revoke(id: string, atMs: number): Promise<boolean>;
  block(block: Block): Promise<void>;
  /** False where no such block stood. */
  unblock(kind: BlockKind, value: string): Promise<boolean>;
  listBlocks(): Promise<readonly Block[]>;
}

/**
 * The store did not give an answer that can be relied on. `refused` is its word that a write was not done (id taken, record
 * unfit, too many blocks); after `timeout` a write may have been done.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: 'timeout' | 'unreachable' | 'locked' | 'bad_reply' | 'refused';

  constructor(code: StoreError['code'], cause?: unknown) {
    super(`key store: ${code}`, { cause });
    this.code = code;
  }
}

/** For the log: of a store's error what the store said. */
export function reasonOf(error: unknown): string {
  if (error instanceof StoreError && error.cause instanceof Error) {
    return `${error.code}: ${error.cause.message}`;
  }
  return error instanceof Error ? error.message : 'unknown';
}
