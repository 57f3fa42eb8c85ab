import { BROKEN } from './codes.ts';
import { marginMs } from './lua-counters.ts';
import { endedKeptMs } from '../../core/ledger/ledger.ts';
import { openKeptMs } from './lua-resolve.ts';

/** KEYS: … holds. ARGV: epoch, lease, ids. Answers the places of those that are not open, from 0. */
export const luaExtend = `
local missing, due = { 0 }, now + ARGV[2]
for i = 4, #KEYS do
  local record = known[i] and { cmsgpack.unpack(known[i]) } or {}
  if record[1] == 'o' then
    redis.call('ZADD', KEYS[3], due, ARGV[i - 1])
    redis.call('PEXPIREAT', KEYS[i], due + ${openKeptMs + marginMs})
  else
    missing[#missing + 1] = i - 4
  end
end
return missing
`;

/**
 * Settles and cancels, several at once. KEYS: … holds. ARGV: epoch, figures as JSON, ids. Figures of each: requests, tokens, nano-USD, and 1
 * where it is cancelled. Answers 0 = unknown, 1 = resolved, 2 = had ended before. An id that is not known is remembered when it is
 * cancelled: its reserve may still be on its way.
 */
export const luaResolveAll = `
local batch, answers, holds, early = cjson.decode(ARGV[2]), { 0 }, {}, {}
for n, figures in ipairs(batch) do
  local value = known[3 + n]
  local record = value and { cmsgpack.unpack(value) } or {}
  local is_known = record[1] == 'o' or (record[1] and record[2] > now)
  if is_known and (record[1] == 'o' or record[1] == 'e') then
    holds[#holds + 1] =
      { key = KEYS[3 + n], id = ARGV[2 + n], record = record, requests = figures[1], tokens = figures[2], nano = figures[3], n = n }
  else
    answers[n + 1] = { is_known and 2 or 0 }
    if not is_known and figures[4] == 1 then early[#early + 1] = KEYS[3 + n] end
  end
end
fetch(holds, now)
for _, hold in ipairs(early) do
  call('SET', hold, cmsgpack.pack('c', now + ${endedKeptMs}), 'PXAT', text(now + ${endedKeptMs + marginMs}))
end
for _, hold in ipairs(holds) do
  if hold.is_broken then
    answers[hold.n + 1] = { ${BROKEN} }
  else
    resolve(hold, batch[hold.n][4] == 1 and 'c' or 's', now)
    answers[hold.n + 1] = { 1 }
  end
end
finish(now)
write_all(now)
return answers
`;

export const luaReapAll = `
local reaped = reap(now)
write_all(now)
return { 0, reaped }
`;
