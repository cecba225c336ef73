#!lua flags=allow-oom
-- include: _base
-- Still at work. ARGV: token, ms of the lease, then fields and values that are to be noted -> 1, or -1 when the lease is not ours any more
if redis.call('GET', P .. 'rebuild:lease') ~= ARGV[2] then return -1 end
redis.call('PEXPIRE', P .. 'rebuild:lease', ARGV[3])
for i = 4, #ARGV, 2 do redis.call('HSET', P .. 'rebuild', ARGV[i], ARGV[i + 1]) end
return 1
