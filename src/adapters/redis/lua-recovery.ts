import { hash } from 'node:crypto';
import type { Script } from './scripts.ts';

const script = (text: string): Script => ({ text, sha: hash('sha1', text, 'hex') });

/** Notes are kept for as long as the statement. */
const notesKeptMs = 400 * 86_400_000;

/**
 * KEYS: epoch, clock, notes. ARGV: the name for a memory that has none. Nothing that was admitted is later than the clock: what a promoted
 * replica or a restarted server has lost was. The clock names the run of the server that it was written on.
 */
export const luaLookAtAll = script(`
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1], 'NX') end
local time, clock = redis.call('TIME'), redis.call('GET', KEYS[2])
return {
  redis.call('GET', KEYS[1]) or '',
  string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or '',
  string.format('%.0f', clock and struct.unpack('>d', clock) or 0),
  string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)),
  clock and string.sub(clock, 17) or '',
  redis.call('HGETALL', KEYS[3]),
}
`);

/** KEYS: notes. ARGV: name, text. */
export const luaNote = script(`
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', time[1] * 1000 + ${notesKeptMs}))
return { 0 }
`);

/** KEYS: epoch, clock. ARGV: epoch and run that were looked at, the new epoch. Answers 1 where it was done. */
export const luaBeginAnew = script(`
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return { 0 } end
if not string.find(redis.call('INFO', 'server'), 'run_id:' .. ARGV[2], 1, true) then return { 0 } end
redis.call('SET', KEYS[1], ARGV[3])
local clock = redis.call('GET', KEYS[2])
if clock and #clock > 16 then redis.call('SET', KEYS[2], string.sub(clock, 1, 16) .. ARGV[2], 'KEEPTTL') end
return { 1 }
`);

/** KEYS: the clock of one that told its journal. */
export const luaDropClock = script(`
redis.call('DEL', KEYS[1])
return { 0 }
`);
