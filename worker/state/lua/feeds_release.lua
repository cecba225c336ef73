#!lua flags=allow-oom
-- include: _base _steady _domain
-- Move due feeds into the queues of their lanes, none while the frontier is full. A domain takes them one by one, in
-- turn with its articles, so one with a thousand feeds delays only itself.
-- ARGV: limit, most articles in the frontier -> how many
if redis.call('HLEN', P .. 'articles:payload') >= tonumber(ARGV[3]) then return 0 end
local due = redis.call('ZRANGE', P .. 'feeds:due', '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
local released = 0
for i = 1, #due, 2 do
  local id = due[i]
  redis.call('ZREM', P .. 'feeds:due', id)
  local lane = redis.call('HGET', P .. 'feeds:host', id)
  if lane then
    redis.call('ZADD', P .. 'feeds:waiting', due[i + 1], id)
    redis.call('RPUSH', queue_of('feeds', lane), id)
    line_up('feeds', lane)
    released = released + 1
  end
end
return released
