import { StoreError } from '../../ports/key-store.ts';

/** What the store is now. */
export interface Look {
  /** Undefined where its memory has no name: it was never used, or it has lost everything. */
  readonly epoch: string | undefined;
  /** Of the server process that answered: another one after each restart, and on each replica. */
  readonly runId: string;
  readonly nowMs: number;
}

const majorVersionMin = 7;

/** Throws `StoreError` where the answer is none, and `refused` with what to do where the server is not fit to hold limits. */
export function parseLook(answer: unknown): Look {
  const [epoch, nowMs, server, memory] = parseList(answer);
  if (typeof epoch !== 'string' || typeof nowMs !== 'number' || typeof server !== 'string' || typeof memory !== 'string') {
    throw badReply('what the server is');
  }
  const version = fieldOf(server, 'redis_version');
  const policy = fieldOf(memory, 'maxmemory_policy');
  const runId = fieldOf(server, 'run_id');
  if (!(Number.parseInt(version ?? '', 10) >= majorVersionMin)) {
    throw unfit(`the store is Redis ${version ?? 'of an unknown version'}: Redis 7.0 or newer, or Valkey, is needed`);
  }
  if (policy !== 'noeviction') {
    throw unfit(
      `maxmemory-policy of the store is ${policy ?? 'unknown'}: a server that may drop counters keeps no limit; set "maxmemory-policy noeviction" in its configuration`,
    );
  }
  if (runId === undefined) {
    throw badReply('a run_id');
  }
  return { epoch: epoch === '' ? undefined : epoch, runId, nowMs };
}

/** Throws `StoreError` `bad_reply` where the answer is no list. */
export function parseList(answer: unknown): readonly unknown[] {
  if (!Array.isArray(answer)) {
    throw badReply('a list');
  }
  return answer;
}

const fieldOf = (info: string, name: string): string | undefined =>
  info
    .split('\r\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1);

const unfit = (text: string): StoreError => new StoreError('refused', new Error(text));

export const badReply = (expected: string): StoreError =>
  new StoreError('bad_reply', new Error(`the store did not answer with ${expected}`));
