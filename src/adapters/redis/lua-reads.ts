import { BROKEN, GRANTED, OTHER_PERIOD } from './codes.ts';

/**
 * KEYS: … counters. ARGV: epoch, kinds; then for each counter its window, or from and to, by kind.
 * Figures are text: the client reads integers near 2^53 wrongly.
 */
export const luaUsage = `
local kinds, argument, answer = ARGV[2], 3, { ${GRANTED}, now }
for i = 1, #kinds do
  local kind, key, x = string.sub(kinds, i, i), KEYS[3 + i], 0
  raw[key] = known[3 + i]
  if kind == 'b' then
    x = tonumber(ARGV[argument + 1])
    if now < tonumber(ARGV[argument]) or now >= x then return { ${OTHER_PERIOD}, now } end
    argument = argument + 2
  elseif kind ~= 'c' then
    x = tonumber(ARGV[argument])
    argument = argument + 1
  end
  local counter = opened(kind, key, x, now)
  if not counter then return { ${BROKEN} } end
  local pending = kind == 'b' and counter[PENDING] or 0
  answer[#answer + 1] = string.format('%.0f', counter[USED] + pending)
  answer[#answer + 1] = string.format('%.0f', pending)
end
return answer
`;

export const luaOpenHolds = `
return { 0, redis.call('ZCOUNT', KEYS[3], '-inf', '(+inf') }
`;

/** KEYS: … days. */
export const luaDays = `
return { 0, redis.call('ZRANGE', KEYS[4], 0, -1) }
`;

/** KEYS: … lines of a day. ARGV: epoch, cursor. */
export const luaLines = `
local page = redis.call('HSCAN', KEYS[4], ARGV[2], 'COUNT', 500)
for i = 2, #page[2], 2 do
  page[2][i] = string.format('%.0f %.0f %.0f', struct.unpack('<ddd', page[2][i]))
end
return { 0, page }
`;

/** KEYS: epoch. ARGV: the name for a memory that has none yet, or nothing. By a key, so that a cluster answers from the node that decides. */
export const luaLook = `
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1], 'NX') end
return { redis.call('GET', KEYS[1]) or '', real, redis.call('INFO', 'server'), redis.call('INFO', 'memory') }
`;
