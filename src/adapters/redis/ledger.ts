import type { Secret } from '../../core/secret.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { LedgerRecovery } from '../../ports/recovery.ts';
import { parseAddress } from './address.ts';
import { openBatches } from './batch.ts';
import { countingOf } from './counting.ts';
import { keysOf } from './keys.ts';
import { openLink, type Link } from './link.ts';
import { knownByStore, recoveryOf } from './recovery.ts';
import type { TimeSource } from './lua-begin.ts';
import { makeScripts } from './scripts.ts';
import { openSession } from './session.ts';
import type { Identity, ServerChange } from './standing.ts';

const openWaitMsDefault = 5_000;
/** One exchange spends at most this on the store. */
const reserveWaitMsDefault = 50;
/** Nobody's request waits for what comes after it. */
const answerWaitMsDefault = 1_000;

export interface RedisLedgerOptions {
  /** `redis://…`, `redis-sentinel://…/name` or `redis-cluster://…`; `rediss…` for TLS. Never with a password. */
  readonly url: string;
  readonly password?: Secret;
  readonly sentinelPassword?: Secret;
  /** Certificates to trust in place of the system's, PEM. */
  readonly ca?: string;
  /** The quota domain; limits never span domains. */
  readonly domain?: string;
  /** What this process knew of the store when it last ran: a store that is another one by now admits nothing before it is accepted. */
  readonly known?: Identity;
  /** What opening waits for a connection, milliseconds. */
  readonly openWaitMs?: number;
  /** What `reserve` waits for its answer, milliseconds. */
  readonly reserveWaitMs?: number;
  /** What every other question waits for its answer, milliseconds. */
  readonly answerWaitMs?: number;
  /** For tests of many ends, one after the other: what each waits for company, milliseconds. */
  readonly unhurriedMs?: number;
  /** For tests: whose time the scripts take. `argument` wants `nowMs` too. */
  readonly time?: { readonly source: TimeSource; readonly nowMs: () => number };
}

export interface RedisLedger extends Ledger, LedgerRecovery {
  /** True while the store is the one that is known, and answered within the last 2 s. */
  healthy(): boolean;
  /** Calls once for each change of the store. From the change on `reserve` throws `StoreError` `refused`, until it is accepted. */
  onServerChange(listener: (change: ServerChange) => void): () => void;
  /** The change that is not accepted yet. */
  change(): ServerChange | undefined;
  /**
   * Goes on with the store as it is after this change; where its memory has no name, with a new one. Throws `StoreError` `refused` where it
   * has changed again.
   */
  accept(change: ServerChange): Promise<void>;
  /** What this process knows of the store: to be kept beside the journal, and given to the next process as `known`. */
  known(): Identity;
  /** Tells the ends that were asked for, and waits for their answers. Afterwards every method throws `StoreError`. */
  close(): Promise<void>;
}

/** Opens the ledger that processes on several machines share. Throws `StoreError`, and `Error` for a URL that is none. */
export async function openRedisLedger(options: RedisLedgerOptions): Promise<RedisLedger> {
  const { url, domain, password, sentinelPassword, ca, known, time } = options;
  const keys = keysOf(domain);
  const scripts = makeScripts(time?.source);
  const link = openLink({ address: parseAddress(url), password, sentinelPassword, ca });
  const openWaitMs = options.openWaitMs ?? openWaitMsDefault;
  const answerWaitMs = options.answerWaitMs ?? answerWaitMsDefault;
  const session = await openSession(time === undefined ? link : timed(link, time.nowMs), { keys, look: scripts.look, known, openWaitMs });
  const left = known === undefined ? await orClose(session, knownByStore(link, keys, openWaitMs)) : undefined;
  if (left !== undefined) {
    // What nobody has accepted since is not accepted by coming anew.
    await session.close();
    return openRedisLedger({ ...options, known: left });
  }
  const batches = openBatches({ unhurriedMs: options.unhurriedMs });
  const counting = countingOf(session, {
    keys,
    scripts,
    batches,
    reserveWaitMs: options.reserveWaitMs ?? reserveWaitMsDefault,
    answerWaitMs,
  });
  return {
    ...counting,
    ...recoveryOf(link, session, { keys, answerWaitMs, time }),
    epoch: session.epoch,
    healthy: session.healthy,
    onServerChange: session.onChange,
    accept: session.accept,
    close: async () => {
      await batches.drain();
      await session.close();
    },
  };
}

async function orClose<Found>(session: Pick<RedisLedger, 'close'>, work: Promise<Found>): Promise<Found> {
  try {
    return await work;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Every script is told the time. */
const timed = (link: Link, nowMs: () => number): Link => ({
  ...link,
  run: (script, keys, values, waitMs) => link.run(script, keys, [...values, nowMs()], waitMs),
});
