import { hash } from 'node:crypto';
import { luaBegin, luaSameServer, luaTimes, type TimeSource } from './lua-begin.ts';
import { luaChange } from './lua-change.ts';
import { luaCounters } from './lua-counters.ts';
import { luaExtend, luaReapAll, luaResolveAll } from './lua-holds.ts';
import { luaDays, luaLines, luaLook, luaOpenHolds, luaUsage } from './lua-reads.ts';
import { luaReapOnce, luaReserve, luaReserveAll } from './lua-reserve.ts';
import { luaReap, luaResolve } from './lua-resolve.ts';

export type { TimeSource } from './lua-begin.ts';

export interface Script {
  readonly text: string;
  /** SHA-1 of the text, in hex: the server's name for it. */
  readonly sha: string;
}

export interface Scripts {
  readonly reserve: Script;
  readonly extend: Script;
  readonly resolve: Script;
  readonly reap: Script;
  readonly usage: Script;
  readonly openHolds: Script;
  readonly days: Script;
  readonly lines: Script;
  readonly look: Script;
}

export function makeScripts(time: TimeSource = 'server'): Scripts {
  const script = (...parts: readonly string[]): Script => {
    const text = [luaTimes[time], ...parts].join('');
    return { text, sha: hash('sha1', text, 'hex') };
  };
  return {
    reserve: script(luaBegin, luaSameServer, luaCounters, luaChange, luaReapOnce, luaReserve, luaReserveAll),
    extend: script(luaBegin, luaExtend),
    resolve: script(luaBegin, luaCounters, luaChange, luaResolve, luaResolveAll),
    reap: script(luaBegin, luaCounters, luaChange, luaResolve, luaReap, luaReapAll),
    usage: script(luaBegin, luaCounters, luaUsage),
    openHolds: script(luaBegin, luaOpenHolds),
    days: script(luaBegin, luaDays),
    lines: script(luaBegin, luaLines),
    look: script(luaLook),
  };
}
