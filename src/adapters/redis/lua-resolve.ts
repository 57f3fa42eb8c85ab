import { endedKeptMs, expiredKeptMs, REAPED_MAX } from '../../core/ledger/ledger.ts';
import { marginMs } from './lua-counters.ts';

/** An open hold is known until it is resolved; that nobody looks for a year is taken for never. */
export const openKeptMs = 365 * 86_400_000;
/** Lines of the statement. */
const linesKeptMs = 400 * 86_400_000;
/** Counters that are read at once: a script hands over a few thousand values at most, and holds that are reaped together may have more. */
const readMax = 1_000;

/**
 * Lua: the end of holds. Everything that is changed is read before the first change: where a key cannot be had (its slot is on its way to
 * another node of the cluster), the script fails with nothing changed.
 * A hold is `status, when it is forgotten, requests, tokens, nano-USD, when it was admitted, key of its day, account` and, one after the other,
 * `kind, key, x` of its places; one that was settled or cancelled is `status, when it is forgotten`.
 */
export const luaResolve = `
local PREFIX = string.sub(KEYS[1], 1, -6)
local PLACES = 9
local lines = {}

-- Windows that stay as they are need not be read: most of all those of requests.
local function stays(hold, kind)
  return (kind == 'r' and hold.requests == hold.record[3]) or (kind == 't' and hold.tokens == hold.record[4])
end

-- Reads what is changed by these holds, and marks those whose counters are of another kind than their keys say.
local function fetch(holds, now)
  local keys, has_new = {}, false
  for _, hold in ipairs(holds) do
    local record = hold.record
    for p = PLACES, #record, 3 do
      local key = record[p + 1]
      if raw[key] == nil and not stays(hold, record[p]) then
        raw[key] = false
        keys[#keys + 1] = key
      end
    end
    local line = lines[record[7]] or {}
    lines[record[7]] = line
    if line[record[8]] == nil then line[record[8]] = call('HGET', record[7], record[8]) end
    has_new = has_new or not line[record[8]]
  end
  if has_new then call('EXISTS', PREFIX .. 'days') end
  for from = 1, #keys, ${readMax} do
    local values = call('MGET', unpack(keys, from, math.min(from + ${readMax - 1}, #keys)))
    for i, value in ipairs(values) do raw[keys[from + i - 1]] = value end
  end
  for _, hold in ipairs(holds) do
    local record = hold.record
    for p = PLACES, #record, 3 do
      if not stays(hold, record[p]) and not opened(record[p], record[p + 1], record[p + 2], now) then hold.is_broken = true end
    end
  end
end

local function add_line(day, account, requests, tokens, nano, now)
  local forget, line = now + ${linesKeptMs}, lines[day][account]
  if line then
    local r, t, b = unpacked('<ddd', line)
    requests, tokens, nano = r + requests, t + tokens, b + nano
  else
    call('ZADD', PREFIX .. 'days', forget, day)
    call('ZREMRANGEBYSCORE', PREFIX .. 'days', '-inf', now)
    call('PEXPIREAT', PREFIX .. 'days', forget + ${marginMs})
  end
  local numbers = pack('<ddd', bounded(requests), bounded(tokens), bounded(nano))
  call('HSET', day, account, numbers)
  if not line then call('PEXPIREAT', day, forget + ${marginMs}) end
  lines[day][account] = numbers
end

local function resolve(hold, status, now)
  local record, requests, tokens, nano = hold.record, hold.requests, hold.tokens, hold.nano
  local is_open = record[1] == 'o'
  local r, t, b, at = record[3], record[4], record[5], record[6]
  for p = PLACES, #record, 3 do
    local kind, x = record[p], record[p + 2]
    local counter = counters[record[p + 1]]
    if kind == 'c' then
      if is_open then change(counter, 0, -1, 0, now) end
    elseif kind == 'b' then
      if nano ~= b or (is_open and b ~= 0) then change(counter, 0, nano - b, is_open and -b or 0, now) end
    else
      local by = kind == 'r' and requests - r or kind == 't' and tokens - t or 0
      -- What has left its window is too late to matter.
      if by ~= 0 and ends(bucket_at(at, x), x) > now then change(counter, bucket_at(at, x), by, 0, now) end
    end
  end
  local by_r, by_t, by_b = requests, tokens, nano
  if not is_open then by_r, by_t, by_b = requests - r, tokens - t, nano - b end
  if by_r ~= 0 or by_t ~= 0 or by_b ~= 0 then add_line(record[7], record[8], by_r, by_t, by_b, now) end
  if status == 'e' then
    record[1], record[2] = 'e', now + ${expiredKeptMs}
    call('SET', hold.key, cmsgpack.pack(unpack(record)), 'PXAT', text(record[2] + ${marginMs}))
  else
    call('SET', hold.key, cmsgpack.pack(status, now + ${endedKeptMs}), 'PXAT', text(now + ${endedKeptMs + marginMs}))
  end
  if is_open then call('ZREM', KEYS[3], hold.id) end
  ended[hold.key] = true
end
`;

/** Lua: ends holds whose lease has run out. A hold whose counters are not what they should be is left for an operator. */
export const luaReap = `
local function reap(now)
  local ids, holds = call('ZRANGE', KEYS[3], '-inf', now, 'BYSCORE', 'LIMIT', 0, ${REAPED_MAX}), {}
  for _, id in ipairs(ids) do
    local key = PREFIX .. 'h:' .. id
    local value = call('GET', key)
    local record = value and { cmsgpack.unpack(value) } or {}
    if record[1] == 'o' then
      holds[#holds + 1] = { key = key, id = id, record = record, requests = record[3], tokens = record[4], nano = record[5] }
    else
      call('ZREM', KEYS[3], id)
    end
  end
  fetch(holds, now)
  local reaped = 0
  for _, hold in ipairs(holds) do
    if not hold.is_broken then
      resolve(hold, 'e', now)
      reaped = reaped + 1
    end
  end
  return reaped
end
`;
