#!lua flags=allow-oom
-- include: _base _host _article _feed
-- Lock another host for a redirect of the same claim. Never granted when the lease is lost.
-- ARGV: kind, id, token, host, lease ms -> 0 granted, else ms to wait (at least 1)
local LOOK_AGAIN = 5000
local kind, id, token, host, lease = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local owner = kind == 'feed' and load_claim(id) or kind == 'article' and load_article(id)
if not owner or owner.token ~= token then return lease end
local record = redis.call('HMGET', P .. 'host:' .. host, 'token', 'next', 'deadline')
if record[1] == token then return 0 end
if record[1] then return math.max(1, math.min(LOOK_AGAIN, tonumber(record[3]) - now)) end -- a request seldom takes its whole lease
local wait = tonumber(record[2] or 0) - now
if wait > 0 then return math.ceil(wait) end
lock(host, token, now + lease, kind == 'feed' and 'feeds' or 'articles')
redis.call('SADD', P .. 'held:' .. token, host)
redis.call('PEXPIRE', P .. 'held:' .. token, digits(lease + REMEMBERED))
return 0
