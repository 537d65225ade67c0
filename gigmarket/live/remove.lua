-- Take workers out everywhere at once. KEYS: positions, fresh, held, one geo set per trade. ARGV: ids
for k = 1, #KEYS do redis.call(k == 3 and 'HDEL' or 'ZREM', KEYS[k], unpack(ARGV)) end
return #ARGV
