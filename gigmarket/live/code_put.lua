-- A new code replaces the old one and its tries. KEYS: the phone's code. ARGV: code digest, milliseconds
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'code', ARGV[1], 'tries', 0)
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
