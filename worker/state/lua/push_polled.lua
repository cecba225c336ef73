#!lua flags=allow-oom
-- include: _base _steady
-- A feed that names hubs was polled, or no longer names any. What it wants is noted for the subscriber when it changed;
-- the ping that asked for this poll is done with; one that came meanwhile asks for another.
--   websub:wanted     hash id -> the topic and its hubs, one a line
--   websub:changed    set of ids for the subscriber to look at
--   websub:earliest   hash id -> ms before which no ping may have it polled
--   websub:pinged     hash id -> ms of the last ping that no poll has answered yet
-- ARGV: id, wish ('' = none), ms before which no ping counts, the ping that is answered ('' = none)
local id, wish, earliest, ping = ARGV[2], ARGV[3], now + tonumber(ARGV[4]), ARGV[5]
if redis.call('HEXISTS', P .. 'feeds', id) == 0 then return 0 end
if wish == '' then
  if redis.call('HDEL', P .. 'websub:wanted', id) == 1 then redis.call('SADD', P .. 'websub:changed', id) end
  redis.call('HDEL', P .. 'websub:earliest', id)
  redis.call('HDEL', P .. 'websub:pinged', id)
  return 0
end
if redis.call('HGET', P .. 'websub:wanted', id) ~= wish then
  redis.call('HSET', P .. 'websub:wanted', id, wish)
  redis.call('SADD', P .. 'websub:changed', id)
end
redis.call('HSET', P .. 'websub:earliest', id, digits(earliest))
local last = redis.call('HGET', P .. 'websub:pinged', id)
if not last then return 0 end
if last == ping then
  redis.call('HDEL', P .. 'websub:pinged', id)
  return 0
end
redis.call('ZADD', P .. 'feeds:due', 'XX', 'LT', digits(math.max(now, earliest)), id)
return 1
