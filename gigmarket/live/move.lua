-- Signs of life: freshness and, where given, a new position, for workers who are in the index already.
-- KEYS: positions, fresh, held, one geo set per trade
-- ARGV: a JSON list of [id, fresh until (ms), geohash score unless the position is unchanged]
-- Returns the ids that are not in the index.
local moves = cjson.decode(ARGV[1])
local ids, missing, fresh, points, trades = {}, {}, {}, {}, {}
for w = 1, #moves do ids[w] = moves[w][1] end

local held = redis.call('HMGET', KEYS[3], unpack(ids))
for w = 1, #ids do
  local id, until_ms, score = unpack(moves[w])
  if not held[w] then
    missing[#missing + 1] = id
  else
    local n = #fresh
    fresh[n + 1] = until_ms; fresh[n + 2] = id
    if score then
      n = #points
      points[n + 1] = score; points[n + 2] = id
      -- Only the sets that hold the worker: each edit is copied into the append-only file with all it was given.
      local t = string.find(held[w], '1', 1, true)
      while t do
        local into = trades[t]
        if not into then into = {}; trades[t] = into end
        n = #into
        into[n + 1] = score; into[n + 2] = id
        t = string.find(held[w], '1', t + 1, true)
      end
    end
  end
end

if #fresh > 0 then redis.call('ZADD', KEYS[2], 'XX', 'GT', unpack(fresh)) end
if #points > 0 then
  redis.call('ZADD', KEYS[1], 'XX', unpack(points))
  for t, into in pairs(trades) do redis.call('ZADD', KEYS[3 + t], 'XX', unpack(into)) end
end
return missing
