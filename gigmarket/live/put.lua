-- Place workers, known or new: their position, exactly the trades they hold, and their freshness.
-- KEYS: positions, fresh, held, one geo set per trade
-- ARGV: for each worker: id, geohash score, fresh until (ms), trades held as '1' and '0' in the order of KEYS
local ids, points, fresh, masks, held, other = {}, {}, {}, {}, {}, {}
for t = 4, #KEYS do held[t] = {}; other[t] = {} end

for i = 1, #ARGV, 4 do
  local id, n = ARGV[i], #points
  ids[#ids + 1] = id
  points[n + 1] = ARGV[i + 1]; points[n + 2] = id
  fresh[n + 1] = ARGV[i + 2]; fresh[n + 2] = id
  masks[n + 1] = id; masks[n + 2] = ARGV[i + 3]
end

local before = redis.call('HMGET', KEYS[3], unpack(ids))
for w = 1, #ids do
  local mask, was = ARGV[w * 4], before[w]
  for t = 4, #KEYS do
    if string.byte(mask, t - 3) == 49 then
      local into = held[t]
      local n = #into
      into[n + 1] = points[w * 2 - 1]; into[n + 2] = ids[w]
    elseif was and string.byte(was, t - 3) == 49 then
      other[t][#other[t] + 1] = ids[w]
    end
  end
end

redis.call('ZADD', KEYS[1], unpack(points))
redis.call('ZADD', KEYS[2], unpack(fresh))
redis.call('HSET', KEYS[3], unpack(masks))
for t = 4, #KEYS do
  if #held[t] > 0 then redis.call('ZADD', KEYS[t], unpack(held[t])) end
  if #other[t] > 0 then redis.call('ZREM', KEYS[t], unpack(other[t])) end
end
return #ids
