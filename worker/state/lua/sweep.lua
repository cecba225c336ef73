#!lua flags=allow-oom
-- include: _base _steady _domain _article _feed
-- Return what outlived its lease; a domain's lock ends with the lease it belongs to.
-- ARGV: default delay ms, most of each kind -> {articles, feeds, domains}
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
local domains = outlived('domains:locked')
for _, domain in ipairs(domains) do
  local token = redis.call('HGET', P .. 'domain:' .. domain, 'token')
  if token then unlock(domain, token, delay) else redis.call('ZREM', P .. 'domains:locked', domain) end
end
return {#articles, #feeds, #domains}
