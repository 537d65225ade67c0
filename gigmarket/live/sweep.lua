-- Take out workers who gave no sign of life in time.
-- KEYS: positions, fresh, held, one geo set per trade
-- ARGV: now (ms), how many at most (≤ 1000)
-- Returns their ids.
local stale = redis.call('ZRANGE', KEYS[2], '-inf', '(' .. ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
if #stale > 0 then
  for k = 1, #KEYS do redis.call(k == 3 and 'HDEL' or 'ZREM', KEYS[k], unpack(stale)) end
end
return stale
