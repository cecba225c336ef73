#!lua flags=allow-oom
-- include: _base _host _article _feed
-- The request is over: every host that the claim locked is free after `delay`; the lease is renewed if it still is ours.
-- ARGV: kind, id, host, token, delay ms, lease ms -> 1 when the lease is ours
local kind, id, host, token = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
unlock_all(host, token, tonumber(ARGV[6]))
local owner = kind == 'feed' and load_claim(id) or kind == 'article' and load_article(id)
if not owner or owner.token ~= token then return 0 end
local leases = P .. (kind == 'feed' and 'feeds:lease' or 'articles:inflight')
redis.call('ZADD', leases, digits(now + tonumber(ARGV[7])), id)
return 1
