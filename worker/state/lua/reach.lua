#!lua flags=allow-oom
-- include: _base _steady _domain _article _feed
-- About to connect to an address for a claim: lock it. What host is there is remembered, so that the next claim of it
-- waits for its address in line. An address with more than `most` domains is a front of many machines (a large hoster,
-- a CDN): from then on it has no lock of its own. Never granted when the lease is lost.
--   address:<a> site   the first domain that was met there;  sites:<a>  set of all, from the second on
-- ARGV: kind, id, token, lane, address, lease ms, rest ms, most domains (0: any number) -> 0 granted, else ms to wait
local LOOK_AGAIN = 5000
local FRONT = 7 * 86400000
local kind, id, token, lane, address = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local lease, most = tonumber(ARGV[7]), tonumber(ARGV[9])
local owner = kind == 'feed' and load_claim(id) or kind == 'article' and load_article(id)
if not owner or owner.token ~= token then return lease end
local domain, host = words(lane)
local at_host, record, sites = P .. 'host:' .. host, P .. 'address:' .. address, P .. 'sites:' .. address
local held = redis.call('HMGET', record, 'token', 'deadline', 'next', 'front', 'site')

if redis.call('HGET', at_host, 'address') ~= address then
  redis.call('HSET', at_host, 'address', address)
  if not held[5] then
    redis.call('HSET', record, 'site', domain)
  elseif held[5] ~= domain and not held[4] then
    redis.call('SADD', sites, held[5], domain)
    redis.call('PEXPIRE', sites, digits(30 * REMEMBERED))
    if most > 0 and redis.call('SCARD', sites) > most then
      redis.call('HSET', record, 'front', '1')
      redis.call('DEL', sites)
      held[4] = '1'
    end
  end
end
redis.call('PEXPIRE', at_host, digits(REMEMBERED))
if held[4] then
  redis.call('PEXPIRE', record, digits(FRONT))
  return 0
end
if held[1] ~= token then
  local busy, taken = address_busy(held)
  if busy then return math.max(1, math.ceil(taken and math.min(LOOK_AGAIN, busy - now) or busy - now)) end
  local own = redis.call('HMGET', P .. 'domain:' .. domain, 'token', 'address')
  if own[1] == token and not own[2] then
    redis.call('HSET', P .. 'domain:' .. domain, 'address', address)
  else
    redis.call('SADD', P .. 'held:' .. token, '@' .. address)
    redis.call('PEXPIRE', P .. 'held:' .. token, digits(lease + REMEMBERED))
  end
end
lock_address(address, token, now + lease, tonumber(ARGV[8]))
return 0
