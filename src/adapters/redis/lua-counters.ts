import { slotRetryMs } from '../../core/ledger/counters.ts';
import { SUB_BUCKETS } from '../../core/ledger/window.ts';

/** Milliseconds that a key outlives what it counts, so that the server's own expiry never decides. */
export const marginMs = 60_000;

/** Longer than an open hold is known without anybody looking, so that a place in use never dies before its hold. */
export const slotsKeptMs = 400 * 86_400_000;
/** The expiry of what stays is put off this seldom. */
export const slotsRenewMs = 370 * 86_400_000;

/**
 * Lua: counters are strings of a letter and numbers of 8 bytes each, changed in place so that their expiry stays:
 * `b` used, pending;
 * `s` in use, when it expires;
 * `w` sum, number and amount of the latest sub-bucket, number of the first, when it expires, bytes to skip; then the sub-buckets before the
 * latest, oldest first (16 bytes each: number, amount). What costs is the change, not the length of the window: those that stopped to
 * count are skipped. Numbers never go through Lua's own text, which keeps 14 digits.
 *
 * A script reads each counter once (`fetch`), works on its numbers (`opened`, `change`) and writes each that has changed once, at its end
 * (`write_all`): requests that share a counter share the work. `ended` has the keys of holds that the script itself has ended.
 */
export const luaCounters = `
local EXACT = 9007199254740991
local call, pack, unpacked, floor, ceil = redis.call, struct.pack, struct.unpack, math.floor, math.ceil
local raw, counters, changed, texts, ended = {}, {}, {}, {}, {}

-- The server prints each number that it is given, which costs; times of one script are mostly the same.
local function text(number)
  local known = texts[number]
  if not known then
    known = string.format('%.0f', number)
    texts[number] = known
  end
  return known
end

-- Of each counter. USED is the sum of a window, and the places in use.
local KIND, KEY, X, USED, IS_CHANGED, STATE = 1, 2, 3, 4, 5, 6
-- Of a budget, whose X is the end of its period.
local PENDING = 7
-- Of windows, whose X is their length, and of places. FROM is where the sub-buckets that count begin in STATE.
local EXPIRY, BUCKET, AMOUNT, FIRST, FROM, OLD_BUCKET, OLD_AMOUNT, PATCHES = 7, 8, 9, 10, 11, 12, 13, 14

local function bounded(sum)
  if sum < 0 then return 0 end
  return sum > EXACT and EXACT or sum
end

local function bucket_at(time, window) return floor(time * ${SUB_BUCKETS} / window) end

local function ends(bucket, window) return ceil((bucket + ${SUB_BUCKETS + 1}) * window / ${SUB_BUCKETS}) end

-- Leaves out the sub-buckets that stopped to count.
local function trim(counter, oldest)
  local state, sum, from, is_exact = counter[STATE], counter[USED], counter[FROM], counter[USED] <= EXACT
  counter[FIRST] = counter[BUCKET]
  while from < #state do
    local number, held = unpacked('<dd', state, from)
    if number >= oldest then
      counter[FIRST] = number
      break
    end
    sum = sum - held
    from = from + 16
  end
  if counter[BUCKET] < oldest then sum, counter[AMOUNT] = 0, 0 end
  if not is_exact then
    -- Beyond exact numbers differences drift: once the giant has passed, what is left must be right again.
    sum = counter[AMOUNT]
    for at = from, #state, 16 do
      local _, held = unpacked('<dd', state, at)
      sum = sum + held
    end
  end
  counter[USED], counter[FROM] = sum, from
end

-- The counter as it stands; nil where what is kept under its key, or what this script has made of it, is of another kind.
local function opened(kind, key, x, now)
  local counter = counters[key]
  if counter then
    local known = counter[KIND]
    -- Requests and tokens are windows, both of them.
    if known ~= kind and (known == 'c' or known == 'b' or kind == 'c' or kind == 'b') then return nil end
    return counter
  end
  local state = raw[key]
  local letter = state and string.byte(state)
  if kind == 'b' then
    if letter and letter ~= 98 then return nil end
    local used, pending = 0, 0
    if state then used, pending = unpacked('<dd', state, 2) end
    counter = { kind, key, x, used, false, state, pending }
  elseif kind == 'c' then
    if letter and letter ~= 115 then return nil end
    local in_use, expiry = 0, 0
    if state then in_use, expiry = unpacked('<dd', state, 2) end
    counter = { kind, key, x, in_use, false, state, expiry }
  elseif state then
    if letter ~= 119 then return nil end
    local sum, bucket, amount, first, expiry, skip = unpacked('<dddddd', state, 2)
    counter = { kind, key, x, sum, false, state, expiry, bucket, amount, first, 50 + skip, false, 0, false }
    local oldest = bucket_at(now, x) - ${SUB_BUCKETS}
    if first < oldest or sum > EXACT then trim(counter, oldest) end
  else
    counter = { kind, key, x, 0, false, false, 0, -1, 0, -1, 50, false, 0, false }
  end
  counters[key] = counter
  return counter
end
`;

/** Lua: for a counter without room, milliseconds until there is; -1 = there never is. */
export const luaRoom = `
local function room_after(counter, amount, limit, now)
  local kind, x = counter[KIND], counter[X]
  if amount > limit then return -1 end
  if kind == 'c' then return ${slotRetryMs} end
  if kind == 'b' and counter[USED] + amount <= limit then return math.min(${slotRetryMs}, x - now) end
  if kind == 'b' then return x - now end
  local state, patches, sum = counter[STATE], counter[PATCHES], counter[USED]
  for at = counter[FROM], state and #state or 0, 16 do
    local number, held = unpacked('<dd', state, at)
    sum = sum - (patches and patches[at] or held)
    if sum + amount <= limit then return ends(number, x) - now end
  end
  if counter[OLD_BUCKET] and sum - counter[OLD_AMOUNT] + amount <= limit then return ends(counter[OLD_BUCKET], x) - now end
  return ends(counter[BUCKET], x) - now
end
`;
