-- KEYS: the lease. ARGV: holder. Returns 1 when it was the holder's to give up.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
