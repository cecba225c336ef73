#!lua flags=allow-oom
-- include: _base _steady _domain _feed
-- The poll is over: state, next poll, window and the host's release at once; nothing but the release without the lease.
-- window:<id> is the feed's last document: 8 bytes of an article's id -> 4 bytes of its change tag.
-- ARGV: id, lane, token, delay ms, lane of who asked for a pause ('' = nobody), ms of that pause, state, ms until the
--   next poll, polled ms ('' when it is not to be watched), log ('' to leave it), '1' when the server sent everything
--   and could have been asked whether it changed, '1' when a window follows, then its pairs
-- -> 1, or 0 when the lease was lost
local id, lane, token, delay = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local claim = load_claim(id)
if ARGV[6] ~= '' then rest_all(ARGV[6], now + tonumber(ARGV[7])) end
unlock_all(lane, token, delay)
if not claim or claim.token ~= token then return 0 end
drop_claim(id)
redis.call('HDEL', P .. 'feeds:deaths', id)
redis.call('HDEL', P .. 'feeds:asked', id)
if ARGV[11] ~= '' then redis.call('HSET', P .. 'feeds:log', id, ARGV[11]) end
if ARGV[12] ~= '1' then redis.call('ZREM', P .. 'feeds:full', id) end
redis.call('HSET', P .. 'feeds:state', id, ARGV[8])
local paused = plan_feed(id, digits(now + tonumber(ARGV[9])))
if paused or ARGV[10] == '' then
  redis.call('ZREM', P .. 'feeds:polled', id)
else
  redis.call('ZADD', P .. 'feeds:polled', ARGV[10], id)
end
if ARGV[13] == '1' then
  local window = P .. 'window:' .. id
  redis.call('DEL', window)
  for first = 14, #ARGV, 1000 do
    redis.call('HSET', window, unpack(ARGV, first, math.min(first + 999, #ARGV)))
  end
end
return 1
