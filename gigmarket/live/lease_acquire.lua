-- KEYS: the lease. ARGV: holder, milliseconds. Returns 1 when the holder has it now, whether anew or still.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
