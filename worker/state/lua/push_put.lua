#!lua flags=allow-oom
-- include: _base
-- Replace a subscription's record, if it still is what the caller read: a confirmation that came meanwhile is not lost.
--   websub:records    hash token -> record
--   websub:due        zset token -> ms when the hub is to be asked
--   websub:current    hash feed id -> token of the subscription that the feed has now
--   websub:until      hash feed id -> ms when its lease ends
-- ARGV: token, feed id, old record ('' = there must be none), new record ('' = gone), due ms, until ms ('' = none),
--       '1' when it is the feed's own now -> 1, or 0 when it was changed meanwhile
local token, id, old, new = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if (redis.call('HGET', P .. 'websub:records', token) or '') ~= old then return 0 end
local current = redis.call('HGET', P .. 'websub:current', id) == token
if new == '' then
  redis.call('HDEL', P .. 'websub:records', token)
  redis.call('ZREM', P .. 'websub:due', token)
else
  redis.call('HSET', P .. 'websub:records', token, new)
  redis.call('ZADD', P .. 'websub:due', ARGV[6], token)
end
if ARGV[8] == '1' then
  redis.call('HSET', P .. 'websub:current', id, token)
  if ARGV[7] == '' then
    redis.call('HDEL', P .. 'websub:until', id)
  else
    redis.call('HSET', P .. 'websub:until', id, ARGV[7])
  end
elseif current then
  redis.call('HDEL', P .. 'websub:current', id)
  redis.call('HDEL', P .. 'websub:until', id)
end
return 1
