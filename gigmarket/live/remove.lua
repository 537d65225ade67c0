-- Take workers out of every set at once. KEYS: every set of workers. ARGV: ids
for k = 1, #KEYS do redis.call('ZREM', KEYS[k], unpack(ARGV)) end
return #ARGV
