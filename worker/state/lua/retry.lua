#!lua flags=allow-oom
-- include: _base _host _article
-- Back to the frontier: after `after` ms, or at once (then in front, perhaps at another host). The journal's lines are
-- added to the payload. With `block` every host of the claim rests that long.
-- ARGV: id, host, token, delay ms, after ms, journal, '1' to block, new host or '' -> 1, or 0 when the lease was lost
local id, host, token, delay, after = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local m = load_article(id)
if not m or m.token ~= token then
  unlock_all(host, token, delay)
  return 0
end
if ARGV[8] == '1' then
  rest(host, now + after)
  for _, other in ipairs(redis.call('SMEMBERS', P .. 'held:' .. token)) do rest(other, now + after) end
end
unlock_all(host, token, delay)
redis.call('HSET', P .. 'articles:payload', id, redis.call('HGET', P .. 'articles:payload', id) .. ARGV[7])
redis.call('ZREM', P .. 'articles:inflight', id)
if ARGV[9] ~= '' then m.host = ARGV[9] end
if after > 0 then
  m.token = '-'
  m.begun = false
  save_article(id, m)
  redis.call('ZADD', P .. 'articles:delayed', digits(now + after), id)
else
  enqueue(id, m, true)
end
return 1
