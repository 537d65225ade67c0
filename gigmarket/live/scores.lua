-- The geohash scores of a geo set by rank, without the members: a tenth of the bytes and of the parsing.
-- KEYS: the geo set. ARGV: first rank, last rank. Returns the scores in decimal, separated by blanks.
local rows = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2], 'WITHSCORES')
local scores = {}
for i = 2, #rows, 2 do scores[#scores + 1] = rows[i] end
return table.concat(scores, ' ')
