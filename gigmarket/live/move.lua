-- Heartbeats: freshness and, where given, a new position, for workers who are in the index already.
-- KEYS: positions, fresh, one geo set per trade
-- ARGV: for each worker: id, geohash score (empty when unchanged), fresh until (ms)
-- Returns the ids that are not in the index.
local ids, missing, fresh, movers, points = {}, {}, {}, {}, {}
for i = 1, #ARGV, 3 do ids[#ids + 1] = ARGV[i] end

local known = redis.call('ZMSCORE', KEYS[2], unpack(ids))
for w = 1, #ids do
  local id, score = ids[w], ARGV[w * 3 - 1]
  if not known[w] then
    missing[#missing + 1] = id
  else
    fresh[#fresh + 1] = ARGV[w * 3]; fresh[#fresh + 1] = id
    if score ~= '' then
      movers[#movers + 1] = id
      points[#points + 1] = score; points[#points + 1] = id
    end
  end
end

if #fresh > 0 then redis.call('ZADD', KEYS[2], 'XX', 'GT', unpack(fresh)) end
if #movers > 0 then
  for k = 1, #KEYS do
    -- XX: whoever does not hold a trade is not put into its set.
    if k ~= 2 then redis.call('ZADD', KEYS[k], 'XX', unpack(points)) end
  end
end
return missing
