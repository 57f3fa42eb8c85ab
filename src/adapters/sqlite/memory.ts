import type { StandingApproval } from '../../core/approval.ts';
import { must } from '../../core/assert.ts';
import { openRecent } from '../../core/recent.ts';
import type { Block, KeyRecord } from '../../ports/key-store.ts';
import type { PulseAnswer } from './protocol.ts';

/** Known and unknown ids have a memory each, so that a flood of made-up ids cannot push out the keys in use. */
const cachedKeysMax = 10_000;

/** What was read of one version of the store. */
export interface Memory {
  /** Undefined where nothing is known about the id. */
  recall(id: string): KeyRecord | 'absent' | undefined;
  /** Kept only where it was read of the version that the last pulse saw; else what is remembered is out of date, and dropped. */
  remember(id: string, record: KeyRecord | undefined, version: string): void;
  /** What the last pulse brought. */
  seen(): Seen | undefined;
  /** True where the pulse tells of another version, which drops everything read before. */
  take(answer: PulseAnswer): boolean;
  forget(): void;
}

export interface Seen {
  readonly version: string;
  readonly blocks: readonly Block[];
  readonly approvals: readonly StandingApproval[];
}

export function openMemory(): Memory {
  const known = openRecent<KeyRecord>(cachedKeysMax);
  const unknown = openRecent<'absent'>(cachedKeysMax);
  let seen: Seen | undefined;

  const forget = (): void => {
    known.clear();
    unknown.clear();
    seen = undefined;
  };

  return {
    recall: (id) => known.get(id) ?? unknown.get(id),
    remember: (id, record, version) => {
      if (version !== seen?.version) {
        forget();
        return;
      }
      if (record === undefined) {
        unknown.set(id, 'absent');
      } else {
        known.set(id, record);
      }
    },
    seen: () => seen,
    take: ({ version, blocks, approvals }) => {
      if (version === seen?.version) {
        return false;
      }
      must(blocks !== undefined && approvals !== undefined, 'a new version comes with its blocks and approvals');
      forget();
      seen = { version, blocks, approvals };
      return true;
    },
    forget,
  };
}
