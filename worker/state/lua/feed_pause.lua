#!lua flags=allow-oom
-- include: _base _steady
-- Not to be polled until resumed. What was planned is kept; a poll under way comes to its end, and plans for later.
--   feeds:paused    id -> ms of the poll that waits for the end of the pause
-- ARGV: id -> 1, or 0 when it is paused already, -1 when there is no such subscription
local id = ARGV[2]
if redis.call('HEXISTS', P .. 'feeds', id) == 0 then return -1 end
if redis.call('ZSCORE', P .. 'feeds:paused', id) then return 0 end
local planned = redis.call('ZSCORE', P .. 'feeds:due', id) or redis.call('ZSCORE', P .. 'feeds:waiting', id) or digits(now)
redis.call('ZREM', P .. 'feeds:due', id)
redis.call('ZREM', P .. 'feeds:waiting', id)
redis.call('ZREM', P .. 'feeds:polled', id)
redis.call('ZADD', P .. 'feeds:paused', planned, id)
return 1
