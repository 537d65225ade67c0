-- A process lives; those that were silent for `kept` ms are forgotten. By this server's clock, as in seat_take.
local processes, process, kept = KEYS[1], ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
redis.call('ZADD', processes, now, process)
redis.call('ZREMRANGEBYSCORE', processes, '-inf', now - kept)
return 1
