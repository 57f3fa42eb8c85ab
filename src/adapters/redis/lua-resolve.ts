import { REAPED_MAX } from '../../core/ledger/ledger.ts';
import { marginMs, slotsKeptMs } from './lua-counters.ts';

/** How long an id that was settled or cancelled is known, so that repeating the question is harmless. */
export const endedKeptMs = 600_000;
/** How long an expired hold waits for its true figure: a sidecar that was killed may come back late. */
const expiredKeptMs = 86_400_000;
/** Lines of the statement. */
const linesKeptMs = 400 * 86_400_000;

/**
 * Lua: the end of a hold. Everything that is changed is read before the first change: where a key cannot be had (its slot is on its
 * way to another node of the cluster), the script fails with nothing changed.
 * A hold is `status, at, requests, tokens, nano-USD, key of its day, account`, and `kind, key, x, y` of each place, where x and y are
 * window and sub-bucket, or the end of the period; one that was settled or cancelled is `status, at`.
 */
export const luaResolve = `
local PREFIX = string.sub(KEYS[1], 1, -6)

local function read_line(record)
  local line = redis.call('HGET', record[6], record[7])
  if not line then return false, 0, 0, 0 end
  local requests, tokens, nano = string.match(line, '^(-?%d+) (-?%d+) (-?%d+)$')
  return true, tonumber(requests), tonumber(tokens), tonumber(nano)
end

local function add_line(record, is_there, requests, tokens, nano, now)
  local forget = now + ${linesKeptMs}
  if not is_there then
    redis.call('ZADD', PREFIX .. 'days', forget, record[6])
    redis.call('ZREMRANGEBYSCORE', PREFIX .. 'days', '-inf', now)
    redis.call('PEXPIREAT', PREFIX .. 'days', forget + ${marginMs})
  end
  redis.call('HSET', record[6], record[7], string.format('%.0f %.0f %.0f', requests, tokens, nano))
  if not is_there then redis.call('PEXPIREAT', record[6], forget + ${marginMs}) end
end

local function resolve(hold, id, record, given, status, now)
  local is_open = record[1] == 'o'
  local held = { r = record[3], t = record[4], b = record[5] }
  local keys = { KEYS[1] }
  for p = 8, #record, 4 do keys[#keys + 1] = record[p + 1] end
  local values = redis.call('MGET', unpack(keys))
  for k = 2, #keys do states[keys[k]] = values[k] end
  for p = 8, #record, 4 do used_of(record[p], record[p + 1], record[p + 2], now) end
  local requests, tokens, nano = given.r, given.t, given.b
  if not is_open then requests, tokens, nano = given.r - held.r, given.t - held.t, given.b - held.b end
  if requests ~= 0 or tokens ~= 0 or nano ~= 0 then
    local is_there, r, t, b = read_line(record)
    add_line(record, is_there, bounded(r + requests), bounded(t + tokens), bounded(b + nano), now)
  end
  for p = 8, #record, 4 do
    local kind = record[p]
    if kind == 'c' then
      if is_open then charge(kind, record[p + 1], 0, 0, -1, 0, now) end
    else
      charge(kind, record[p + 1], record[p + 2], record[p + 3], given[kind] - held[kind], is_open and -held[kind] or 0, now)
    end
  end
  if status == 'e' then
    record[1] = 'e'
    redis.call('SET', hold, cmsgpack.pack(unpack(record)), 'PXAT', now + ${expiredKeptMs + marginMs})
  else
    redis.call('SET', hold, cmsgpack.pack(status, record[2]), 'PXAT', now + ${endedKeptMs + marginMs})
  end
  if is_open then redis.call('ZREM', KEYS[3], id) end
end

-- 0 = unknown, 1 = resolved, 2 = had ended before
local function finish(hold, id, value, given, status, now)
  if not value then return 0 end
  local record = { cmsgpack.unpack(value) }
  if record[1] ~= 'o' and record[1] ~= 'e' then return 2 end
  resolve(hold, id, record, given, status, now)
  return 1
end

local function reap(now)
  local ids = redis.call('ZRANGE', KEYS[3], '-inf', now, 'BYSCORE', 'LIMIT', 0, ${REAPED_MAX})
  local reaped = 0
  for _, id in ipairs(ids) do
    local hold = PREFIX .. 'h:' .. id
    local value = redis.call('GET', hold)
    local record = value and { cmsgpack.unpack(value) } or {}
    if record[1] == 'o' then
      resolve(hold, id, record, { r = record[3], t = record[4], b = record[5] }, 'e', now)
      reaped = reaped + 1
    else
      redis.call('ZREM', KEYS[3], id)
    end
  end
  return reaped
end
`;

/** An open hold is known until it is resolved; that nobody looks for a year is taken for never. */
const openKeptMs = 365 * 86_400_000;

/** Lua: a lease for an open hold; when the hold may be forgotten. */
export const luaLease = `
local function lease(id, ends_at, now)
  redis.call('ZADD', KEYS[3], ends_at, id)
  redis.call('PEXPIREAT', KEYS[3], now + ${slotsKeptMs})
  return ends_at + ${openKeptMs + marginMs}
end
`;
