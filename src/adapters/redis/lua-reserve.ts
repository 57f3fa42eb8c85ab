import { BROKEN, ENDED, GRANTED, OTHER_PERIOD, REFUSED } from './codes.ts';
import { luaRoom, marginMs } from './lua-counters.ts';
import { luaReap, luaResolve, openKeptMs } from './lua-resolve.ts';

/**
 * Several holds, one after the other; nothing is written before all that has to be read was read. KEYS: … their keys, then counters. ARGV: epoch, run, figures as JSON, and of each hold its id, account,
 * key of the day and kinds of its counters. Figures of each: lease, requests, tokens, nano-USD, from when and until when the periods are all of
 * them right; then of each counter its place in KEYS, its limit, and its window or the end of its period. An argument costs as much as a
 * number is long to read, so the numbers are one; and what is seldom needed is made where it is needed, for making a function costs too.
 */
export const luaReserve = `
local share, granted = { r = 0, t = 0, c = 1, b = 0 }, {}

-- Of the counters without room, the one that stays so the longest.
local function shortage(figures, kinds)
  ${luaRoom}
  local index, longest = -1, -2
  for i = 1, #kinds do
    local kind, f = string.sub(kinds, i, i), 4 + 3 * i
    local counter, limit = counters[KEYS[figures[f]]], figures[f + 1]
    if counter[USED] + (kind == 'b' and counter[PENDING] or 0) + share[kind] > limit then
      local after = room_after(counter, share[kind], limit, now)
      if longest == -2 or (longest ~= -1 and (after == -1 or after > longest)) then index, longest = i - 1, after end
    end
  end
  return index, longest
end

local function reserve(n, figures, id, account, day, kinds)
  local value = known[3 + n]
  if value then
    -- Another of this batch may have needed its place.
    if ended[KEYS[3 + n]] then return { ${ENDED} } end
    local status, forget, _, _, _, at = cmsgpack.unpack(value)
    if status == 'o' then return { ${GRANTED}, at } end
    if forget > now then return { ${ENDED} } end
  end
  if now < figures[5] or now >= figures[6] then return { ${OTHER_PERIOD}, now } end
  share.r, share.t, share.b = figures[2], figures[3], figures[4]
  -- The table has room for six counters from the start: growing costs.
  local nothing, is_short = false, false
  local places = {
    figures[2], figures[3], figures[4], now, day, account, nothing, nothing, nothing, nothing, nothing, nothing,
    nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing,
  }
  for i = 1, #kinds do
    local kind, f, p = string.sub(kinds, i, i), 4 + 3 * i, 3 * i
    local key, x = KEYS[figures[f]], figures[f + 2]
    local counter = opened(kind, key, x, now)
    if not counter then return { ${BROKEN} } end
    is_short = is_short or counter[USED] + (kind == 'b' and counter[PENDING] or 0) + share[kind] > figures[f + 1]
    places[p + 4], places[p + 5], places[p + 6] = kind, key, x
  end
  if is_short then
    local index, after = shortage(figures, kinds)
    if string.find(kinds, 'c', 1, true) and reap_once() > 0 then index, after = shortage(figures, kinds) end
    if index >= 0 then return { ${REFUSED}, now, index, after } end
  end
  for i = 1, #kinds do
    local p = 3 * i
    local kind, x = places[p + 4], places[p + 6]
    local amount = share[kind]
    if amount ~= 0 then
      change(counters[places[p + 5]], kind ~= 'b' and kind ~= 'c' and bucket_at(now, x), amount, amount, now)
    end
  end
  granted[#granted + 1] = { n, id, now + figures[1], cmsgpack.pack('o', 0, unpack(places, 1, 6 + 3 * #kinds)) }
  return { ${GRANTED}, now }
end
`;

/** Once is enough: time stands still within a script. */
export const luaReapOnce = `
local has_reaped = false
local function reap_once()
  if has_reaped then return 0 end
  has_reaped = true
  ${luaResolve}
  ${luaReap}
  return reap(now)
end
`;

export const luaReserveAll = `
local batch, answers = cjson.decode(ARGV[3]), { 0 }
for i = 4 + #batch, #KEYS do raw[KEYS[i]] = known[i] end
for n, figures in ipairs(batch) do
  local a = 4 * n
  answers[n + 1] = reserve(n, figures, ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3])
end
write_all(now)
local leases = {}
for n, hold in ipairs(granted) do
  local due = hold[3]
  leases[2 * n - 1], leases[2 * n] = text(due), hold[2]
  call('SET', KEYS[3 + hold[1]], hold[4], 'PXAT', text(due + ${openKeptMs + marginMs}))
end
if #leases > 0 then call('ZADD', KEYS[3], unpack(leases)) end
return answers
`;
