#!lua flags=allow-oom
-- include: _base _steady _domain _article
-- Back to the frontier: after `after` ms, or at once (then in front, perhaps at another host). The journal's lines are
-- added to the payload. With `block` the claim's own domain rests that long: its server asked for it.
-- ARGV: id, lane, token, delay ms, after ms, journal, '1' to block, new lane or '' -> 1, or 0 when the lease was lost
local id, lane, token, delay, after = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local m = load_article(id)
if not m or m.token ~= token then
  unlock_all(lane, token, delay)
  return 0
end
if ARGV[8] == '1' then
  rest_all(lane, now + after)
end
unlock_all(lane, token, delay)
redis.call('HSET', P .. 'articles:payload', id, redis.call('HGET', P .. 'articles:payload', id) .. ARGV[7])
redis.call('ZREM', P .. 'articles:inflight', id)
if ARGV[9] ~= '' then m.lane = ARGV[9] end
if after > 0 then
  m.token = '-'
  m.begun = false
  save_article(id, m)
  redis.call('ZADD', P .. 'articles:delayed', digits(now + after), id)
else
  enqueue(id, m, true)
end
return 1
