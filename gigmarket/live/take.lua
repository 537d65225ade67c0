-- Take one from a token bucket that holds `limit` and fills in `window`, kept as one number: the time at
-- which it will be full again (the generic cell rate algorithm).
-- KEYS: the bucket. ARGV: limit, window (µs). Returns 0, or the µs to wait until one is there.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + window / limit
local wait = full - window - now
if wait > 0.5 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.17g', full), 'PX', math.ceil((full - now) / 1000))
return 0
