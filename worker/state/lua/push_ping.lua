#!lua flags=allow-oom
-- include: _base _steady
-- A hub says that a feed has news: it is due as soon as its manners allow, never later than it was. Any number of
-- pings before the next poll is one. A feed that waits for its host, or is being polled, is left where it is.
-- ARGV: id -> 1 when it is due earlier by it
local id = ARGV[2]
local earliest = redis.call('HGET', P .. 'websub:earliest', id)
if not earliest or redis.call('HEXISTS', P .. 'feeds', id) == 0 then return 0 end
local asked = redis.call('HGET', P .. 'feeds:asked', id) -- a poll that was lost: feed_ask.lua
if asked then earliest = math.max(tonumber(earliest), tonumber(string.match(asked, '^%d+'))) end
redis.call('HSET', P .. 'websub:pinged', id, digits(now))
return redis.call('ZADD', P .. 'feeds:due', 'XX', 'LT', 'CH', digits(math.max(now, tonumber(earliest))), id)
