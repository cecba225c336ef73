#!lua flags=allow-oom
-- include: _base _host _article _feed
-- Return what outlived its lease; a host's lock ends with the lease it belongs to.
-- ARGV: default delay ms, most of each kind -> {articles, feeds, hosts}
local delay, most = tonumber(ARGV[2]), ARGV[3]
local function outlived(name)
  return redis.call('ZRANGE', P .. name, '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, most)
end
local articles = outlived('articles:inflight')
for _, id in ipairs(articles) do
  local m = load_article(id)
  if m then lose_article(id, m, delay) else redis.call('ZREM', P .. 'articles:inflight', id) end
end
local feeds = outlived('feeds:lease')
for _, id in ipairs(feeds) do
  local claim = load_claim(id)
  if claim then lose_feed(id, claim, delay) else redis.call('ZREM', P .. 'feeds:lease', id) end
end
local hosts = outlived('hosts:locked')
for _, host in ipairs(hosts) do
  local token = redis.call('HGET', P .. 'host:' .. host, 'token')
  if token then unlock(host, token, delay) else redis.call('ZREM', P .. 'hosts:locked', host) end
end
return {#articles, #feeds, #hosts}
