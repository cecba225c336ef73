#!lua flags=allow-oom
-- include: _base
-- The rebuild is over or was broken off; what was noted of it stays. ARGV: token, '1' when it is done
if redis.call('GET', P .. 'rebuild:lease') ~= ARGV[2] then return 0 end
if ARGV[3] == '1' then redis.call('HSET', P .. 'rebuild', 'phase', 'done', 'ended', digits(now)) end
redis.call('DEL', P .. 'rebuild:lease')
return 1
