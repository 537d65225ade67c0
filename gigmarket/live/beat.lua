-- One more sign that the index is whole. KEYS: the mark. ARGV: the mark as it must be, the mark from now on.
-- Returns 0, and changes nothing, when it is another: the store was erased, replaced or set back.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
