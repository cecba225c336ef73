#!lua flags=allow-oom
-- include: _base
-- Documents of these stories were written: they are to be summed up anew. ARGV: most kept, story...
-- A number that only grows says which change was the last one of each.
local names = P .. 'stories:changed'
local last = redis.call('INCRBY', P .. 'stories:changes', #ARGV - 2)
for i = 3, #ARGV do redis.call('ZADD', names, last - (#ARGV - i), ARGV[i]) end
redis.call('ZREMRANGEBYRANK', names, 0, -tonumber(ARGV[2]) - 1)
return redis.call('ZCARD', names)
