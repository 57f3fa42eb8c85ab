import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

export const startMs = 1_795_262_400_777;
export const recoveryMs = 10_000;

/** Far above the defaults: whether an answer is right must not hang on how busy the machine is. */
export const waits = { reserveWaitMs: 20_000, settleWaitMs: 20_000, readWaitMs: 20_000 };
/** Runs SQL as another program would, past everything the adapter checks. */
export function meddle(path: string, sql: string): void {
  const database = new DatabaseSync(path, { timeout: 1_000 });
  database.exec(sql);
  database.close();
}

export function rows(path: string, table: 'changes' | 'counters' | 'held' | 'ended' | 'spending'): number {
  const database = new DatabaseSync(path);
  const count = database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'];
  database.close();
  return Number(count);
}

export function removeStore(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(path + suffix, { force: true });
  }
}

/** A machine's clock that tests move. */
export function openClock(): { readonly shared: SharedArrayBuffer; readonly moveBy: (ms: number) => void } {
  const shared = new SharedArrayBuffer(8);
  const time = new BigInt64Array(shared);
  Atomics.store(time, 0, BigInt(startMs));
  return { shared, moveBy: (ms) => void Atomics.add(time, 0, BigInt(ms)) };
}
