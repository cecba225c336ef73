#!lua
-- include: _base
-- Add or change a subscription; a new one is due at once and was never polled (-1).
-- ARGV: id, host, feed as JSON -> 1 when it was new
local id, host, feed = ARGV[2], ARGV[3], ARGV[4]
local new = redis.call('HSET', P .. 'feeds', id, feed)
redis.call('HSET', P .. 'feeds:host', id, host)
if new == 1 then
  redis.call('ZADD', P .. 'feeds:due', digits(now), id)
  redis.call('ZADD', P .. 'feeds:polled', -1, id)
end
return new
