import { budgetKeptMs } from '../../core/ledger/counters.ts';
import { marginMs, slotsKeptMs, slotsRenewMs } from './lua-counters.ts';

/** Bytes of sub-buckets that have passed are cut off the front of a window this many at a time. */
const passedBytesMax = 64 * 16;

/** Lua: the changes of counters, and the only place that writes them. */
export const luaChange = `
local function write_window(counter)
  local key, state, window = counter[KEY], counter[STATE], counter[X]
  local sum, bucket, amount, first, expiry, skip =
    counter[USED], counter[BUCKET], counter[AMOUNT], counter[FIRST], counter[EXPIRY], counter[FROM] - 50
  local before = counter[OLD_BUCKET] and pack('<dd', counter[OLD_BUCKET], counter[OLD_AMOUNT])
  if sum == 0 then
    if state then call('DEL', key) end
    return
  end
  local least = ends(bucket, window) + ${marginMs}
  if not state then
    local numbers = pack('<dddddd', sum, bucket, amount, first, least + window, 0)
    call('SET', key, 'w' .. numbers .. (before or ''), 'PXAT', text(least + window))
    return
  end
  if expiry < least then
    expiry = least + window
    call('PEXPIREAT', key, text(expiry))
  end
  if skip >= ${passedBytesMax} then
    -- What was changed in place is not in STATE.
    call('SET', key, string.sub(state, 1, 49) .. call('GETRANGE', key, skip + 49, -1), 'KEEPTTL')
    skip = 0
  end
  call('SETRANGE', key, 1, pack('<dddddd', sum, bucket, amount, first, expiry, skip))
  if before then call('APPEND', key, before) end
end

-- Writes a window in the middle of a script, and reads it again: for what happens too seldom to be worked out.
local function reopen(counter, now)
  write_window(counter)
  raw[counter[KEY]], counters[counter[KEY]] = call('GET', counter[KEY]), nil
  local again = opened(counter[KIND], counter[KEY], counter[X], now)
  for field = STATE, PATCHES do counter[field] = again[field] end
  counter[USED], counters[counter[KEY]] = again[USED], counter
end

-- A sub-bucket before the latest.
local function change_before(counter, bucket, change, now)
  if counter[OLD_BUCKET] or not counter[STATE] then
    reopen(counter, now)
    if not counter[STATE] then
      counter[BUCKET], counter[AMOUNT], counter[FIRST], counter[USED] = bucket, bounded(change), bucket, bounded(change)
      return
    end
  end
  local state, patches = counter[STATE], counter[PATCHES]
  local from, at, number, held = counter[FROM], #state - 15
  while at >= from do
    number, held = unpacked('<dd', state, at)
    if number <= bucket then break end
    at = at - 16
  end
  if at >= from and number == bucket then
    held = patches and patches[at] or held
    local after = bounded(held + change)
    counter[USED] = counter[USED] - held + after
    if not patches then
      patches = {}
      counter[PATCHES] = patches
    end
    patches[at] = after
    call('SETRANGE', counter[KEY], at + 7, pack('<d', after))
    return
  end
  local after = bounded(change)
  if after == 0 then return end
  -- What was changed in place is not in STATE.
  if patches then state = call('GET', counter[KEY]) end
  state = string.sub(state, 1, 49) .. string.sub(state, from, at + 15) .. pack('<dd', bucket, after) .. string.sub(state, math.max(at + 16, from))
  call('SET', counter[KEY], state, 'KEEPTTL')
  counter[USED], counter[STATE], counter[FROM], counter[PATCHES] = counter[USED] + after, state, 50, false
  counter[FIRST] = math.min(counter[FIRST], bucket)
end

-- A sub-bucket that still counts.
local function change_window(counter, bucket, change, now)
  if bucket < counter[BUCKET] then
    change_before(counter, bucket, change, now)
    return
  end
  -- A true figure may come for a sub-bucket that nothing was charged to: then one script goes on to a new one twice.
  if bucket > counter[BUCKET] and counter[OLD_BUCKET] then reopen(counter, now) end
  if bucket > counter[BUCKET] then
    if counter[AMOUNT] > 0 then counter[OLD_BUCKET], counter[OLD_AMOUNT] = counter[BUCKET], counter[AMOUNT] end
    if not counter[STATE] or counter[FROM] > #counter[STATE] then counter[FIRST] = counter[OLD_BUCKET] or bucket end
    counter[BUCKET], counter[AMOUNT] = bucket, 0
  end
  local after = bounded(counter[AMOUNT] + change)
  counter[USED], counter[AMOUNT] = counter[USED] - counter[AMOUNT] + after, after
end

local function change(counter, bucket, amount, pending, now)
  local kind = counter[KIND]
  if kind == 'c' then
    counter[USED] = bounded(counter[USED] + amount)
  elseif kind == 'b' then
    counter[USED], counter[PENDING] = bounded(counter[USED] + amount - pending), bounded(counter[PENDING] + pending)
  else
    local is_exact = counter[USED] <= EXACT
    change_window(counter, bucket, amount, now)
    if not is_exact then
      -- What is beyond exact numbers is added up anew where it is opened: a difference of it would stay wrong for good.
      counter[USED] = math.huge
      reopen(counter, now)
    end
  end
  if not counter[IS_CHANGED] then
    counter[IS_CHANGED] = true
    changed[#changed + 1] = counter
  end
end

local function write_all(now)
  local empty = {}
  for i = 1, #changed do
    local counter = changed[i]
    local kind, key, state, used = counter[KIND], counter[KEY], counter[STATE], counter[USED]
    if kind == 'b' then
      local numbers = pack('<dd', used, counter[PENDING])
      if state then
        call('SETRANGE', key, 1, numbers)
      else
        call('SET', key, 'b' .. numbers, 'PXAT', text(counter[X] + ${budgetKeptMs + marginMs}))
      end
    elseif kind ~= 'c' then
      write_window(counter)
    elseif used == 0 then
      if state then empty[#empty + 1] = key end
    elseif counter[EXPIRY] < now + ${slotsRenewMs} then
      call('SET', key, 's' .. pack('<dd', used, now + ${slotsKeptMs}), 'PXAT', text(now + ${slotsKeptMs}))
    else
      call('SETRANGE', key, 1, pack('<d', used))
    end
  end
  if #empty > 0 then call('DEL', unpack(empty)) end
end
`;
