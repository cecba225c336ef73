#!lua flags=no-writes
-- include: _base _steady _feed
-- ARGV: feed lease ms, article lease ms -> {name, number, oldest ms} ..
local function oldest(name, lease)
  local first = redis.call('ZRANGE', P .. name, 0, 0, 'WITHSCORES')
  return first[2] and math.max(0, now - (tonumber(first[2]) - lease)) or 0
end
local function size(name)
  return redis.call('ZCARD', P .. name)
end
local feed_lease, article_lease = tonumber(ARGV[2]), tonumber(ARGV[3])
local ready = redis.call('ZCOUNT', P .. 'domains:ready:feeds', '-inf', digits(now))
for _, domain in ipairs(redis.call('ZRANGE', P .. 'domains:ready:articles', '-inf', digits(now), 'BYSCORE')) do
  if not redis.call('ZSCORE', P .. 'domains:ready:feeds', domain) then ready = ready + 1 end
end
return {
  {'queued', size('articles:queued'), digits(oldest('articles:queued', 0))},
  {'delayed', size('articles:delayed'), digits(oldest('articles:delayed', 0))},
  {'in_flight', size('articles:inflight'), digits(oldest('articles:inflight', article_lease))},
  {
    'feeds_due',
    redis.call('ZCOUNT', P .. 'feeds:due', '-inf', digits(now)) + size('feeds:waiting'),
    digits(math.max(oldest('feeds:due', 0), oldest('feeds:waiting', 0))),
  },
  {'feeds_leased', size('feeds:lease'), digits(oldest('feeds:lease', feed_lease))},
  {
    'hosts_ready', ready,
    digits(math.max(oldest('domains:ready:feeds', 0), oldest('domains:ready:articles', 0))),
  },
  {'hosts_locked', size('domains:locked'), digits(oldest('domains:locked', math.min(feed_lease, article_lease)))},
}
