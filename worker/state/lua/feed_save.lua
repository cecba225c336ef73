#!lua flags=allow-oom
-- include: _base _host _feed
-- The poll is over: state, next poll, window and the host's release at once; nothing but the release without the lease.
-- window:<id> is the feed's last document: 8 bytes of an article's id -> 4 bytes of its change tag.
-- ARGV: id, host, token, delay ms, state, next poll ms, polled ms ('' when it is not to be watched),
--       '1' when a window follows, then its pairs -> 1, or 0 when the lease was lost
local id, host, token, delay = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local claim = load_claim(id)
unlock_all(host, token, delay)
if not claim or claim.token ~= token then return 0 end
drop_claim(id)
redis.call('HDEL', P .. 'feeds:deaths', id)
redis.call('HSET', P .. 'feeds:state', id, ARGV[6])
redis.call('ZADD', P .. 'feeds:due', ARGV[7], id)
if ARGV[8] == '' then
  redis.call('ZREM', P .. 'feeds:polled', id)
else
  redis.call('ZADD', P .. 'feeds:polled', ARGV[8], id)
end
if ARGV[9] == '1' then
  local window = P .. 'window:' .. id
  redis.call('DEL', window)
  for first = 10, #ARGV, 1000 do
    redis.call('HSET', window, unpack(ARGV, first, math.min(first + 999, #ARGV)))
  end
end
return 1
