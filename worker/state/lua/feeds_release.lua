#!lua flags=allow-oom
-- include: _base _host
-- Move due feeds into their hosts' queues, none while the frontier is full. A host takes them one by one, in turn
-- with its articles, so a host with a thousand feeds delays only itself.
-- ARGV: limit, most articles in the frontier -> how many
if redis.call('HLEN', P .. 'articles:payload') >= tonumber(ARGV[3]) then return 0 end
local due = redis.call('ZRANGE', P .. 'feeds:due', '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
local released = 0
for i = 1, #due, 2 do
  local id = due[i]
  redis.call('ZREM', P .. 'feeds:due', id)
  local host = redis.call('HGET', P .. 'feeds:host', id)
  if host then
    redis.call('ZADD', P .. 'feeds:waiting', due[i + 1], id)
    redis.call('RPUSH', queue_of('feeds', host), id)
    show(host)
    released = released + 1
  end
end
return released
