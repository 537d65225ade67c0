-- KEYS: the lease. ARGV: holder, milliseconds. Returns 1 when it was still the holder's.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
