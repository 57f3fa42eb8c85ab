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
-- Of each day and account; of each day the accounts to be read, and those that have changed; days with a new account.
local lines, asked, told, fresh = {}, {}, {}, {}
-- Ids of holds that are not due any more.
local gone = {}

-- Reads what is changed by these holds, and marks those whose counters are of another kind than their keys say.
local function fetch(holds, now)
  local keys = {}
  for _, hold in ipairs(holds) do
    local record = hold.record
    -- Windows that stay as they are need not be read: most of all those of requests.
    local same_r, same_t, places = hold.requests == record[3], hold.tokens == record[4], {}
    for p = PLACES, #record, 3 do
      local kind, key = record[p], record[p + 1]
      if not (kind == 'r' and same_r or kind == 't' and same_t) then
        places[#places + 1] = p
        if raw[key] == nil then
          raw[key] = false
          keys[#keys + 1] = key
        end
      end
    end
    hold.places = places
    local day, account = record[7], record[8]
    local line = lines[day]
    if not line then
      line, asked[day], told[day] = {}, {}, {}
      lines[day] = line
    end
    if line[account] == nil then
      line[account] = false
      asked[day][#asked[day] + 1] = account
    end
  end
  local has_new = false
  for day, accounts in pairs(asked) do
    for from = 1, #accounts, ${readMax} do
      local values = call('HMGET', day, unpack(accounts, from, math.min(from + ${readMax - 1}, #accounts)))
      for i, value in ipairs(values) do
        lines[day][accounts[from + i - 1]] = value
        has_new = has_new or not value
      end
    end
    asked[day] = {}
  end
  if has_new then call('EXISTS', PREFIX .. 'days') end
  for from = 1, #keys, ${readMax} do
    local values = call('MGET', unpack(keys, from, math.min(from + ${readMax - 1}, #keys)))
    for i, value in ipairs(values) do raw[keys[from + i - 1]] = value end
  end
  for _, hold in ipairs(holds) do
    local record, places = hold.record, hold.places
    for i = 1, #places do
      local p = places[i]
      if not opened(record[p], record[p + 1], record[p + 2], now) then hold.is_broken = true end
    end
  end
end

local function add_line(day, account, requests, tokens, nano, now)
  local forget, line = now + ${linesKeptMs}, lines[day][account]
  if line then
    local r, t, b = unpacked('<ddd', line)
    requests, tokens, nano = r + requests, t + tokens, b + nano
  else
    if not fresh[day] then
      call('ZADD', PREFIX .. 'days', forget, day)
      call('ZREMRANGEBYSCORE', PREFIX .. 'days', '-inf', now)
      call('PEXPIREAT', PREFIX .. 'days', forget + ${marginMs})
    end
    fresh[day] = true
  end
  lines[day][account] = pack('<ddd', bounded(requests), bounded(tokens), bounded(nano))
  told[day][account] = true
end

-- The lines that have changed, and which holds are not due any more: each list in one call.
local function finish(now)
  for day, accounts in pairs(told) do
    local values = {}
    for account in pairs(accounts) do
      local n = #values
      values[n + 1], values[n + 2] = account, lines[day][account]
    end
    for from = 1, #values, ${2 * readMax} do
      call('HSET', day, unpack(values, from, math.min(from + ${2 * readMax - 1}, #values)))
    end
    told[day] = {}
    if fresh[day] then call('PEXPIREAT', day, now + ${linesKeptMs + marginMs}) end
  end
  for from = 1, #gone, ${readMax} do
    call('ZREM', KEYS[3], unpack(gone, from, math.min(from + ${readMax - 1}, #gone)))
  end
  gone = {}
end

local function resolve(hold, status, now)
  local record, places, requests, tokens, nano = hold.record, hold.places, hold.requests, hold.tokens, hold.nano
  local is_open = record[1] == 'o'
  local r, t, b, at = record[3], record[4], record[5], record[6]
  for i = 1, #places do
    local p = places[i]
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
  if is_open then gone[#gone + 1] = hold.id end
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
      gone[#gone + 1] = id
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
  finish(now)
  return reaped
end
`;
