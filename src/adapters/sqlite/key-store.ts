import { resolve } from 'node:path';
import { fileBeside } from '../../core/file-beside.ts';
import type { ApprovalReader, ApprovalStore } from '../../ports/approvals.ts';
import type { KeyAdmin, KeyReader } from '../../ports/key-store.ts';
import type { OperatorStore } from '../../ports/operators.ts';
import { openAdminRecords } from './admin-records.ts';
import { openFreshReader, type FreshReader } from './fresh-reader.ts';
import { openLink, type Link } from './link.ts';
import type { Answer, Question, WorkerSettings, Write } from './protocol.ts';
import { startPulse } from './pulse.ts';
import { startThread } from './thread.ts';

/** One exchange spends at most this on the store. */
const readWaitMsDefault = 50;

/** Other processes' transactions last milliseconds; a command may wait this long for its turn. */
const writeWaitMsDefault = 2_000;

/** What a write may take beyond waiting for its turn: the flush to the disk. */
const flushMsMax = 1_000;

const unansweredMax = 1_000;

const openMsMax = 5_000;
const listMsMax = 2_000;

export interface KeyStore extends KeyReader, KeyAdmin, ApprovalReader, OperatorStore, ApprovalStore {
  /** Writes what was asked for, then closes the file. Afterwards every method throws `StoreError`. */
  close(): Promise<void>;
}

export interface KeyStoreOptions {
  /** The file; made with its directory where it is missing (0600 and 0700). Local disk only. */
  readonly path: string;
  /** What a decision waits for an answer that is not in memory, milliseconds. */
  readonly readWaitMs?: number;
  /** How long a write waits for other processes' transactions before it is `locked`, milliseconds. */
  readonly writeWaitMs?: number;
  /** Milliseconds of a clock that never steps back. */
  readonly monotonicMs?: () => number;
}

/** Opens the embedded store, which any number of processes on this machine may share. Throws `StoreError`. */
export async function openKeyStore(options: KeyStoreOptions): Promise<KeyStore> {
  const writeWaitMs = options.writeWaitMs ?? writeWaitMsDefault;
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const path = resolve(options.path);
  const workerData: WorkerSettings = { path, writeWaitMs };
  const file = fileBeside('worker', import.meta.url);
  const link = openLink(() => startThread<Question, Answer>({ file, name: 'sallyport-store', workerData, unansweredMax }), monotonicMs);
  const reader = openFreshReader(link, { readWaitMs: options.readWaitMs ?? readWaitMsDefault, monotonicMs });
  await meet(link, reader);
  const stopPulse = startPulse((deadlineMs) => reader.pulse(deadlineMs));
  let isClosed = false;

  const write = async (question: Write): Promise<boolean> => {
    try {
      const { found } = await link.ask('done', { op: 'write', write: question }, writeWaitMs + flushMsMax);
      return found;
    } finally {
      // After a timeout too: the write may have been done.
      reader.forget();
    }
  };

  return {
    find: (id) => reader.find(id),
    blocks: () => reader.blocks(),
    approvals: () => reader.approvals(),
    onChange: (listener) => reader.onChange(listener),
    healthy: () => !isClosed && reader.healthy(),
    create: async (record) => {
      await write({ op: 'create', record });
    },
    list: async () => {
      const { records } = await link.ask('records', { op: 'list' }, listMsMax);
      return records;
    },
    revoke: (id, atMs) => write({ op: 'revoke', id, atMs }),
    block: async (block) => {
      await write({ op: 'block', block });
    },
    unblock: (kind, value) => write({ op: 'unblock', kind, value }),
    listBlocks: async () => {
      const { blocks } = await link.ask('blocks', { op: 'listBlocks' }, listMsMax);
      return blocks;
    },
    ...openAdminRecords(link, write),
    close: async () => {
      stopPulse();
      isClosed = true;
      try {
        await link.close();
      } finally {
        reader.forget();
      }
    },
  };
}

/** The file is there, is ours, and what it says is in memory. Throws `StoreError`, and lets go of the file. */
async function meet(link: Link<Question, Answer>, reader: FreshReader): Promise<void> {
  try {
    await link.ask('done', { op: 'open' }, openMsMax);
    await reader.pulse(openMsMax);
  } catch (error) {
    await link.close();
    throw error;
  }
}
