#!lua flags=allow-oom
-- include: _base
-- Done, unless it was asked for again meanwhile. ARGV: work, when it was asked for -> 1, 0 when it stays
if tonumber(redis.call('ZSCORE', P .. 'settle', ARGV[2]) or -1) ~= tonumber(ARGV[3]) then return 0 end
return redis.call('ZREM', P .. 'settle', ARGV[2])
