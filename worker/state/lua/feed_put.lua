#!lua
-- include: _base _steady _domain _erased
-- Add or change a subscription; a new one is due at once and was never polled (-1). One that was there within the last
-- 30 days goes on with the state that it left, and not before it was due; sooner only when the caller says so.
--   feeds:alias    hash: id of another address -> id of the subscription that it leads to (feed_move)
-- ARGV: id, lane, feed as JSON, what the caller has read there ('' = nothing), state to go on with ('' = none), most ms
--   to wait, ms of its last poll -> 1 when it was new, 0 when not, -1 when it is no longer what the caller read,
--   -2 when its domain was erased
local id, lane, feed = ARGV[2], ARGV[3], ARGV[4]
local _, host = words(lane)
if is_erased_host(host) then return -2 end
if (redis.call('HGET', P .. 'feeds', id) or '') ~= ARGV[5] then return -1 end
local new = redis.call('HSET', P .. 'feeds', id, feed)
redis.call('HSET', P .. 'feeds:host', id, lane)
if new == 1 then
  redis.call('HDEL', P .. 'feeds:alias', id)
  local left = redis.call('HMGET', P .. 'left:' .. id, 'due', 'log')
  local due = math.min(tonumber(left[1] or 0), now + tonumber(ARGV[7]))
  if left[2] then redis.call('HSET', P .. 'feeds:log', id, left[2]) end
  if ARGV[6] ~= '' then redis.call('HSET', P .. 'feeds:state', id, ARGV[6]) end
  redis.call('DEL', P .. 'left:' .. id)
  redis.call('PERSIST', P .. 'window:' .. id)
  redis.call('ZADD', P .. 'feeds:due', digits(math.max(now, due)), id)
  redis.call('ZADD', P .. 'feeds:polled', ARGV[6] ~= '' and ARGV[8] or -1, id)
end
return new
