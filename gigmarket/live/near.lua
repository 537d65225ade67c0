-- The nearest workers of a trade who are fresh, nearest first.
-- KEYS: the trade's geo set, fresh
-- ARGV: lng, lat, radius (m), count, now (ms)
-- Returns id, metres, lng, lat of each, flat.
local count, now = tonumber(ARGV[4]), tonumber(ARGV[5])
local ask = count
while true do
  local found = redis.call('GEOSEARCH', KEYS[1], 'FROMLONLAT', ARGV[1], ARGV[2],
    'BYRADIUS', ARGV[3], 'm', 'ASC', 'COUNT', ask, 'WITHCOORD', 'WITHDIST')
  local out, kept = {}, 0
  for first = 1, #found, 1000 do
    local ids = {}
    for i = first, math.min(first + 999, #found) do ids[#ids + 1] = found[i][1] end
    local untils = redis.call('ZMSCORE', KEYS[2], unpack(ids))
    for i = 1, #ids do
      if kept < count and untils[i] and tonumber(untils[i]) >= now then
        local one = found[first + i - 1]
        local n = kept * 4
        out[n + 1] = one[1]; out[n + 2] = one[2]; out[n + 3] = one[3][1]; out[n + 4] = one[3][2]
        kept = kept + 1
      end
    end
  end
  -- Stale ones took places: look further, until the circle has no more.
  if kept == count or #found < ask then return out end
  ask = ask * 2
end
