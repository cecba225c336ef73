#!lua flags=allow-oom
-- include: _base _steady
-- To be polled again, never sooner than it was planned before. A poll that has been under way since before the pause
-- goes on as if there had been none.
-- ARGV: id, ms of its last poll ('' when it is not to be watched) -> 1, or 0 when it is not paused
local id = ARGV[2]
local planned = redis.call('ZSCORE', P .. 'feeds:paused', id)
if not planned then return 0 end
redis.call('ZREM', P .. 'feeds:paused', id)
if redis.call('ZSCORE', P .. 'feeds:lease', id) == false then
  redis.call('ZADD', P .. 'feeds:due', digits(math.max(now, tonumber(planned))), id)
end
if ARGV[3] ~= '' then redis.call('ZADD', P .. 'feeds:polled', ARGV[3], id) end
return 1
