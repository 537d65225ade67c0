-- One try at a code. KEYS: the phone's code. ARGV: code digest, tries allowed.
-- Returns 1 for the right code, which is used up by it; the last wrong try uses it up as well.
local code = redis.call('HGET', KEYS[1], 'code')
if not code then return 0 end
local right = code == ARGV[1]
local tries = redis.call('HINCRBY', KEYS[1], 'tries', 1)
if right or tries >= tonumber(ARGV[2]) then redis.call('DEL', KEYS[1]) end
return right and 1 or 0
