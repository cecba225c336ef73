#!lua flags=allow-oom
-- include: _base _steady _domain _article _feed
-- The request is over: what the claim locked is free after `delay`, its own host after the longer `host delay`; the
-- lease is renewed if it still is ours. With `asked` the server asked for the delay: it holds for all that is its own.
-- ARGV: kind, id, lane, token, delay ms, host delay ms, '1' when asked, lease ms -> 1 when the lease is ours
local kind, id, lane, token, delay = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
if ARGV[8] == '1' then rest_all(lane, now + delay) end
unlock_all(lane, token, delay)
if tonumber(ARGV[7]) > delay then rest_host(lane, now + tonumber(ARGV[7])) end
local owner = kind == 'feed' and load_claim(id) or kind == 'article' and load_article(id)
if not owner or owner.token ~= token then return 0 end
local leases = P .. (kind == 'feed' and 'feeds:lease' or 'articles:inflight')
redis.call('ZADD', leases, digits(now + tonumber(ARGV[9])), id)
return 1
