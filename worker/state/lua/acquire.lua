#!lua flags=allow-oom
-- include: _base _steady _domain _article _feed
-- Lock another host's domain for a redirect of the same claim. Never granted when the lease is lost.
-- ARGV: kind, id, token, lane, lease ms -> 0 granted, else ms to wait (at least 1)
local LOOK_AGAIN = 5000
local kind, id, token, lane, lease = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local owner = kind == 'feed' and load_claim(id) or kind == 'article' and load_article(id)
if not owner or owner.token ~= token then return lease end
local domain, host, parent = words(lane)
local record = redis.call('HMGET', P .. 'domain:' .. domain, 'token', 'next', 'deadline')
if record[1] and record[1] ~= token then -- a request seldom takes its whole lease
  return math.max(1, math.min(LOOK_AGAIN, tonumber(record[3]) - now))
end
local next = tonumber(redis.call('HGET', P .. 'host:' .. host, 'next') or 0)
if parent ~= '' then next = math.max(next, tonumber(redis.call('HGET', P .. 'domain:' .. parent, 'next') or 0)) end
if not record[1] then next = math.max(next, tonumber(record[2] or 0)) end
if next > now then return math.ceil(next - now) end
if record[1] then return 0 end
lock(domain, token, now + lease, kind == 'feed' and 'feeds' or 'articles')
redis.call('SADD', P .. 'held:' .. token, domain)
redis.call('PEXPIRE', P .. 'held:' .. token, digits(lease + REMEMBERED))
return 0
