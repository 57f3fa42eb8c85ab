import { SUB_BUCKETS } from '../../core/ledger/window.ts';

/** Milliseconds that a key outlives what it counts, so that the server's own expiry never decides. */
export const marginMs = 60_000;

/** A budget is looked at for this long after its period. */
const budgetKeptMs = 40 * 86_400_000;

/** Longer than an open hold is known without anybody looking, so that a place in use never outlives, nor dies before, its hold. */
export const slotsKeptMs = 400 * 86_400_000;

/**
 * Lua: counters as strings, the first byte saying their kind. A window is `w`, the sum of its sub-buckets (8 bytes) and the
 * sub-buckets, oldest first (16 bytes each: number, amount). Those that stopped to count are dropped from the front at the next
 * change, so a question costs what passed since the last one, not the length of the window. `states` holds what was read, and what
 * was written since. Numbers never go through Lua's own text, which keeps 14 digits.
 */
export const luaCounters = `
local EXACT = 9007199254740991
local states = {}

local function bounded(sum) return math.min(math.max(0, sum), EXACT) end

local function must_be(state, kind)
  if state and string.byte(state) ~= kind then error('a counter is of another kind than its key says') end
end

local function ends(bucket, window) return math.ceil((bucket + ${SUB_BUCKETS + 1}) * window / ${SUB_BUCKETS}) end

-- What counts in a window, and where the first sub-bucket that counts begins.
local function live(state, window, now)
  if not state then return 0, 10 end
  local oldest = math.floor(now * ${SUB_BUCKETS} / window) - ${SUB_BUCKETS}
  local sum, from = struct.unpack('>d', state, 2), 10
  local is_exact = sum <= EXACT
  while from < #state do
    local bucket, amount = struct.unpack('>dd', state, from)
    if bucket >= oldest then break end
    sum = sum - amount
    from = from + 16
  end
  if is_exact then return sum, from end
  -- Beyond exact numbers differences drift: once the giant has passed, what is left must be right again.
  sum = 0
  for at = from, #state, 16 do
    local _, amount = struct.unpack('>dd', state, at)
    sum = sum + amount
  end
  return sum, from
end

local function used_of(kind, key, x, now)
  local state = states[key]
  if kind == 'c' then
    must_be(state, 115)
    return state and struct.unpack('>d', state, 2) or 0, 0
  elseif kind == 'b' then
    must_be(state, 98)
    if not state then return 0, 0 end
    local used, pending = struct.unpack('>dd', state, 2)
    return used + pending, pending
  end
  must_be(state, 119)
  local sum = live(state, x, now)
  return sum, 0
end

-- -1 = there never is room.
local function room_after(kind, key, x, amount, limit, now)
  if kind == 'c' or kind == 'b' then
    if amount > limit then return -1 end
    return kind == 'c' and 1000 or x - now
  end
  local state = states[key]
  local sum, from = live(state, x, now)
  for at = from, state and #state or 0, 16 do
    local bucket, held = struct.unpack('>dd', state, at)
    sum = sum - held
    if sum + amount <= limit then return ends(bucket, x) - now end
  end
  return -1
end

local function put(key, state, forget)
  states[key] = state
  if state then
    redis.call('SET', key, state, 'PXAT', forget + ${marginMs})
  else
    redis.call('DEL', key)
  end
end

local function charge_window(key, window, bucket, change, now)
  if ends(bucket, window) <= now then return end
  local state = states[key]
  local sum, from = live(state, window, now)
  state = state or ''
  local at, before = #state - 15, 0
  while at >= from do
    local number, amount = struct.unpack('>dd', state, at)
    if number == bucket then before = amount end
    if number <= bucket then break end
    at = at - 16
  end
  local is_there = before > 0
  local amount = bounded(before + change)
  local body = string.sub(state, from, is_there and at - 1 or at + 15)
    .. (amount > 0 and struct.pack('>dd', bucket, amount) or '')
    .. string.sub(state, math.max(at + 16, from))
  if body == '' then return put(key, false) end
  put(key, 'w' .. struct.pack('>d', sum - before + amount) .. body, ends(struct.unpack('>d', body, #body - 15), window))
end

local function charge(kind, key, x, y, change, pending, now)
  if change == 0 and pending == 0 then return end
  local state = states[key]
  if kind == 'c' then
    local in_use = bounded((state and struct.unpack('>d', state, 2) or 0) + change)
    put(key, in_use > 0 and 's' .. struct.pack('>d', in_use), now + ${slotsKeptMs})
  elseif kind == 'b' then
    local used, reserved = 0, 0
    if state then used, reserved = struct.unpack('>dd', state, 2) end
    put(key, 'b' .. struct.pack('>dd', bounded(used + change - pending), bounded(reserved + pending)), x + ${budgetKeptMs})
  elseif change ~= 0 then
    charge_window(key, x, y, change, now)
  end
end
`;
