-- Signs of life: freshness and, where given, a new position, for workers who are in the index already.
-- KEYS: positions, fresh, one geo set per trade
-- ARGV: a JSON list of [id, fresh until (ms), geohash score unless the position is unchanged]
-- Returns the ids that are not in the index.
local moves = cjson.decode(ARGV[1])
local ids, missing, fresh, points = {}, {}, {}, {}
for w = 1, #moves do ids[w] = moves[w][1] end

local known = redis.call('ZMSCORE', KEYS[2], unpack(ids))
for w = 1, #ids do
  local id, until_ms, score = unpack(moves[w])
  if not known[w] then
    missing[#missing + 1] = id
  else
    fresh[#fresh + 1] = until_ms; fresh[#fresh + 1] = id
    if score then points[#points + 1] = score; points[#points + 1] = id end
  end
end

if #fresh > 0 then redis.call('ZADD', KEYS[2], 'XX', 'GT', unpack(fresh)) end
if #points > 0 then
  for k = 1, #KEYS do
    -- XX: whoever does not hold a trade is not put into its set.
    if k ~= 2 then redis.call('ZADD', KEYS[k], 'XX', unpack(points)) end
  end
end
return missing
