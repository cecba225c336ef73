#!lua
-- include: _base _rebuild
-- Take the rebuild up, where it was left when it was not finished. ARGV: token, who, ms of the lease, ms of an epoch of
--   stories, '1' to begin anew -> 1, or 0 when another is at work
local lease = redis.call('GET', P .. 'rebuild:lease')
local key = P .. 'rebuild'
if lease and lease ~= ARGV[2] then return 0 end
local left = redis.call('HMGET', key, 'phase', 'since')
local since = redis.call('GET', P .. 'stories:since')
if not since then
  since = digits(now)
  redis.call('SET', P .. 'stories:since', since)
end
if since ~= WHOLE and now - tonumber(since) >= 2 * tonumber(ARGV[5]) then since = WHOLE end
redis.call('SET', P .. 'rebuild:lease', ARGV[2], 'PX', ARGV[4])
local unfinished = left[1] and left[1] ~= 'done' and ARGV[6] ~= '1' and (left[2] == since or left[1] == 'write')
if not unfinished then
  redis.call('DEL', key)
  redis.call('HSET', key, 'began', digits(now), 'phase', 'teach', 'since', since, 'read', 0)
end
redis.call('HSET', key, 'token', ARGV[2], 'host', ARGV[3])
return 1
