import { hash } from 'node:crypto';
import { SUB_BUCKETS } from '../../core/ledger/window.ts';
import { luaCounters, marginMs, slotsKeptMs } from './lua-counters.ts';
import { endedKeptMs, luaLease, luaResolve } from './lua-resolve.ts';

export interface Script {
  readonly text: string;
  /** SHA-1 of the text, in hex: the server's name for it. */
  readonly sha: string;
}

/** What a script answers first. */
export const GRANTED = 0;
export const REFUSED = 1;
export const ENDED = 2;
/** A period that was asked for is not the one of the store's now. */
export const OTHER_PERIOD = 3;
/** The store's memory is not the one that the question is about. */
export const LOST = -1;
/** The memory is, but this is not the run of the server that it was last looked at on. */
export const OTHER_SERVER = -2;

/** Whose time it is: the server's, or (for the differential test) the last argument's. */
export type TimeSource = 'server' | 'argument';

const times: Readonly<Record<TimeSource, string>> = {
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
 * Time never goes back: a clock that was set back stands still until it has caught up.
 */
const luaBegin = `
local known = redis.call('MGET', unpack(KEYS))
if known[1] ~= ARGV[1] then return { ${LOST} } end
local last = known[2] and struct.unpack('>d', known[2]) or 0
local now = math.max(real, last)
`;

/**
 * ARGV: epoch, run, id, lease, requests, tokens, nano-USD, account, key of the day, the day from, to, kinds; then for each counter its
 * limit and window, or from and to, by kind.
 * The clock's key holds the run of the server that it was written on. As long as the millisecond is the same, so is the server; in each new
 * one the server is asked who it is, before anything is admitted: a replica that was promoted has the epoch, but not what it never got.
 */
const luaReserve = `
if last ~= real or string.sub(known[2], 9) ~= ARGV[2] then
  if not string.find(redis.call('INFO', 'server'), 'run_id:' .. ARGV[2], 1, true) then return { ${OTHER_SERVER} } end
  redis.call('SET', KEYS[2], struct.pack('>d', now) .. ARGV[2], 'PXAT', now + ${slotsKeptMs})
end
if known[4] then
  local status, at = cmsgpack.unpack(known[4])
  if status == 'o' then return { ${GRANTED}, at } end
  return { ${ENDED} }
end
if now < tonumber(ARGV[10]) or now >= tonumber(ARGV[11]) then return { ${OTHER_PERIOD}, now } end
local share = { r = tonumber(ARGV[5]), t = tonumber(ARGV[6]), c = 1, b = tonumber(ARGV[7]) }
local kinds, limits, places, argument, has_slots = ARGV[12], {}, {}, 13, false
for i = 1, #kinds do
  local kind, key, x, y = string.sub(kinds, i, i), KEYS[4 + i], 0, 0
  states[key] = known[4 + i]
  limits[i] = tonumber(ARGV[argument])
  if kind == 'c' then
    has_slots = true
    argument = argument + 1
  elseif kind == 'b' then
    x = tonumber(ARGV[argument + 2])
    if now < tonumber(ARGV[argument + 1]) or now >= x then return { ${OTHER_PERIOD}, now } end
    argument = argument + 3
  else
    x = tonumber(ARGV[argument + 1])
    y = math.floor(now * ${SUB_BUCKETS} / x)
    argument = argument + 2
  end
  local p = #places
  places[p + 1], places[p + 2], places[p + 3], places[p + 4] = kind, key, x, y
end

-- Of the counters without room, the one that stays so the longest.
local function shortage()
  local index, longest = -1, -2
  for i = 1, #limits do
    local p = 4 * i - 3
    local kind, key, x = places[p], places[p + 1], places[p + 2]
    if used_of(kind, key, x, now) + share[kind] > limits[i] then
      local after = room_after(kind, key, x, share[kind], limits[i], now)
      if longest == -2 or (longest ~= -1 and (after == -1 or after > longest)) then index, longest = i - 1, after end
    end
  end
  return index, longest
end

local index, after = shortage()
if index >= 0 and has_slots and reap(now) > 0 then index, after = shortage() end
if index >= 0 then return { ${REFUSED}, now, index, after } end
for p = 1, #places, 4 do
  local kind = places[p]
  charge(kind, places[p + 1], places[p + 2], places[p + 3], share[kind], share[kind], now)
end
local forget = lease(ARGV[3], now + ARGV[4], now)
local record = cmsgpack.pack('o', now, share.r, share.t, share.b, ARGV[9], ARGV[8], unpack(places))
redis.call('SET', KEYS[4], record, 'PXAT', forget)
return { ${GRANTED}, now }
`;

/** KEYS: … holds. ARGV: epoch, lease, ids. Answers the places of those that are not open, from 0. */
const luaExtend = `
local missing = { 0 }
for i = 4, #KEYS do
  local record = known[i] and { cmsgpack.unpack(known[i]) } or {}
  if record[1] == 'o' then
    redis.call('PEXPIREAT', KEYS[i], lease(ARGV[i - 1], now + ARGV[2], now))
    for p = 8, #record, 4 do
      if record[p] == 'c' then redis.call('PEXPIREAT', record[p + 1], now + ${slotsKeptMs}) end
    end
  else
    missing[#missing + 1] = i - 4
  end
end
return missing
`;

/** KEYS: … hold. ARGV: epoch, id, requests, tokens, nano-USD. */
const luaSettle = `
local given = { r = tonumber(ARGV[3]), t = tonumber(ARGV[4]), b = tonumber(ARGV[5]) }
return { 0, finish(KEYS[4], ARGV[2], known[4], given, 's', now) }
`;

/** KEYS: … hold. ARGV: epoch, id. An id that is not known is remembered: its reserve may still be on its way. */
const luaCancel = `
local answer = finish(KEYS[4], ARGV[2], known[4], { r = 0, t = 0, b = 0 }, 'c', now)
if answer == 0 then redis.call('SET', KEYS[4], cmsgpack.pack('c', now), 'PXAT', now + ${endedKeptMs + marginMs}) end
return { 0, answer }
`;

const luaReap = `
return { 0, reap(now) }
`;

/**
 * KEYS: … counters. ARGV: epoch, kinds; then for each counter its window, or from and to, by kind.
 * Figures are text: the client reads integers near 2^53 wrongly.
 */
const luaUsage = `
local kinds, argument, answer = ARGV[2], 3, { ${GRANTED}, now }
for i = 1, #kinds do
  local kind, key, x = string.sub(kinds, i, i), KEYS[3 + i], 0
  states[key] = known[3 + i]
  if kind == 'b' then
    x = tonumber(ARGV[argument + 1])
    if now < tonumber(ARGV[argument]) or now >= x then return { ${OTHER_PERIOD}, now } end
    argument = argument + 2
  elseif kind ~= 'c' then
    x = tonumber(ARGV[argument])
    argument = argument + 1
  end
  local used, pending = used_of(kind, key, x, now)
  answer[#answer + 1] = string.format('%.0f', used)
  answer[#answer + 1] = string.format('%.0f', pending)
end
return answer
`;

const luaOpenHolds = `
return { 0, redis.call('ZCARD', KEYS[3]) }
`;

/** KEYS: … days. */
const luaDays = `
return { 0, redis.call('ZRANGE', KEYS[4], 0, -1) }
`;

/** KEYS: … lines of a day. ARGV: epoch, cursor. */
const luaLines = `
return { 0, redis.call('HSCAN', KEYS[4], ARGV[2], 'COUNT', 500) }
`;

/** KEYS: epoch. ARGV: the name for a memory that has none yet, or nothing. By a key, so that a cluster answers from the node that decides. */
const luaLook = `
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1], 'NX') end
return { redis.call('GET', KEYS[1]) or '', real, redis.call('INFO', 'server'), redis.call('INFO', 'memory') }
`;

export interface Scripts {
  readonly reserve: Script;
  readonly extend: Script;
  readonly settle: Script;
  readonly cancel: Script;
  readonly reap: Script;
  readonly usage: Script;
  readonly openHolds: Script;
  readonly days: Script;
  readonly lines: Script;
  readonly look: Script;
}

export function makeScripts(time: TimeSource = 'server'): Scripts {
  const script = (...parts: readonly string[]): Script => {
    const text = [times[time], ...parts].join('');
    return { text, sha: hash('sha1', text, 'hex') };
  };
  return {
    reserve: script(luaBegin, luaCounters, luaResolve, luaLease, luaReserve),
    extend: script(luaBegin, luaLease, luaExtend),
    settle: script(luaBegin, luaCounters, luaResolve, luaSettle),
    cancel: script(luaBegin, luaCounters, luaResolve, luaCancel),
    reap: script(luaBegin, luaCounters, luaResolve, luaReap),
    usage: script(luaBegin, luaCounters, luaUsage),
    openHolds: script(luaBegin, luaOpenHolds),
    days: script(luaBegin, luaDays),
    lines: script(luaBegin, luaLines),
    look: script(luaLook),
  };
}
