-- Place workers, known or new: their position, exactly the trades they hold, and their freshness.
-- KEYS: positions, fresh, one geo set per trade
-- ARGV: for each worker: id, geohash score, fresh until (ms), trades held as '1' and '0' in the order of KEYS
local ids, points, fresh, held, other = {}, {}, {}, {}, {}
for t = 3, #KEYS do held[t] = {}; other[t] = {} end

for i = 1, #ARGV, 4 do
  local id, n = ARGV[i], #points
  ids[#ids + 1] = id
  points[n + 1] = ARGV[i + 1]; points[n + 2] = id
  fresh[n + 1] = ARGV[i + 2]; fresh[n + 2] = id
end

-- Every member of a trade's set is in `fresh`: only workers known there can have a trade to give up.
local known = redis.call('ZMSCORE', KEYS[2], unpack(ids))
for w = 1, #ids do
  local mask = ARGV[w * 4]
  for t = 3, #KEYS do
    if string.byte(mask, t - 2) == 49 then
      local into = held[t]
      local n = #into
      into[n + 1] = points[w * 2 - 1]; into[n + 2] = ids[w]
    elseif known[w] then
      other[t][#other[t] + 1] = ids[w]
    end
  end
end

redis.call('ZADD', KEYS[2], unpack(fresh))
redis.call('ZADD', KEYS[1], unpack(points))
for t = 3, #KEYS do
  if #held[t] > 0 then redis.call('ZADD', KEYS[t], unpack(held[t])) end
  if #other[t] > 0 then redis.call('ZREM', KEYS[t], unpack(other[t])) end
end
return #ids
