#!lua flags=allow-oom
-- include: _base _steady _domain _feed _feed_forget _erased
-- A subscription goes to another address and keeps its id, its state and its turn; where that address is subscribed to
-- already, the two become one: the other. The address that it leaves, or came to, leads to it from then on.
-- ARGV: id, what the caller has read there, id of the new address, id of the subscription that is there ('' = none),
--       what the caller has read of that; the record to be written (of the other, or of this), its lane,
--       then, for a move by a person: the state; it is due at once, and a poll under way is void
-- -> 1, 0 when something is no longer what the caller read, -2 when the domain of the new address was erased
local id, target, other = ARGV[2], ARGV[4], ARGV[5]
local _, host = words(ARGV[8])
if is_erased_host(host) then return -2 end
if redis.call('HGET', P .. 'feeds', id) ~= ARGV[3] then return 0 end
local holder = redis.call('HGET', P .. 'feeds:alias', target)
if not holder and redis.call('HEXISTS', P .. 'feeds', target) == 1 then holder = target end
if holder == id then holder = nil end
if (holder or '') ~= other then return 0 end
if holder then
  if redis.call('HGET', P .. 'feeds', holder) ~= ARGV[6] then return 0 end
  redis.call('HSET', P .. 'feeds', holder, ARGV[7])
  redirect_aliases(id, holder)
  forget_feed(id)
  redis.call('HSET', P .. 'feeds:alias', id, holder)
  return 1
end
redis.call('HSET', P .. 'feeds', id, ARGV[7])
redis.call('HSET', P .. 'feeds:host', id, ARGV[8])
if target ~= id then redis.call('HSET', P .. 'feeds:alias', target, id) end
redis.call('ZREM', P .. 'feeds:full', id)
if ARGV[9] then
  drop_claim(id)
  redis.call('HSET', P .. 'feeds:state', id, ARGV[9])
  redis.call('ZREM', P .. 'feeds:waiting', id)
  plan_feed(id, digits(now))
end
return 1
