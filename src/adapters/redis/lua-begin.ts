import { LOST, OTHER_SERVER } from './codes.ts';
import { slotsKeptMs, slotsRenewMs } from './lua-counters.ts';

/** Whose time it is: the server's, or (for the differential test) the last argument's. */
export type TimeSource = 'server' | 'argument';

export const luaTimes: Readonly<Record<TimeSource, string>> = {
  server: `
local time = redis.call('TIME')
local real = time[1] * 1000 + math.floor(time[2] / 1000)
`,
  argument: `
local real = tonumber(ARGV[#ARGV])
`,
};

/**
 * KEYS: epoch, clock, due, and what the script is about. All are read at once, before anything else: of a slot that is moving to another
 * node the server answers so that nothing is done. ARGV[1] is the epoch.
 * Time never goes back: a clock that was set back stands still until it has caught up. The clock's key holds the latest time, when the
 * expiry of the open holds' list ends, and the run of the server that it was written on.
 */
export const luaBegin = `
local known = redis.call('MGET', unpack(KEYS))
if known[1] ~= ARGV[1] then return { ${LOST} } end
local clock = known[2]
local last = clock and struct.unpack('>d', clock) or 0
local now = math.max(real, last)
`;

/**
 * As long as the millisecond is the same, so is the server; in each new one it is asked who it is, before anything is admitted: a replica
 * that was promoted has the epoch, but not what it never got. The list of open holds has a member that never falls due, so that its expiry
 * stays.
 */
export const luaSameServer = `
if last ~= real or string.sub(clock, 17) ~= ARGV[2] then
  if not string.find(redis.call('INFO', 'server'), 'run_id:' .. ARGV[2], 1, true) then return { ${OTHER_SERVER} } end
  local expiry = clock and #clock > 16 and struct.unpack('>d', clock, 9) or 0
  if expiry < now + ${slotsRenewMs} then
    expiry = now + ${slotsKeptMs}
    redis.call('ZADD', KEYS[3], '+inf', '')
    redis.call('PEXPIREAT', KEYS[3], expiry)
  end
  redis.call('SET', KEYS[2], struct.pack('>dd', now, expiry) .. ARGV[2], 'PXAT', expiry)
end
`;
