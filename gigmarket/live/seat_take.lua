-- A socket takes a seat of its account; answers the oldest sockets beyond `most`, which have lost theirs.
-- Seats of processes that gave no sign of life for `patience` ms are nobody's. By this server's clock: those of
-- the processes may differ, and then each would take the others for dead.
local seats, processes = KEYS[1], KEYS[2]
local name, most, patience, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
redis.call('ZADD', seats, now, name)
redis.call('PEXPIRE', seats, ttl)
local over = redis.call('ZCARD', seats) - most
if over <= 0 then
  return {}
end
local living, held = {}, redis.call('ZRANGE', seats, 0, -1)
for _, each in ipairs(held) do
  local beat = redis.call('ZSCORE', processes, string.match(each, '^[^:]+'))
  if each == name or (beat and tonumber(beat) >= now - patience) then
    table.insert(living, each)
  else
    redis.call('ZREM', seats, each)
  end
end
local lost = {}
for place = 1, #living - most do
  if living[place] ~= name then
    redis.call('ZREM', seats, living[place])
    table.insert(lost, living[place])
  end
end
return lost
