#!lua flags=allow-oom
-- include: _base
-- Forget a subscription. A poll that is under way finds its lease gone; its host's lock runs out or is released.
-- ARGV: id -> 1 when it was there
local id = ARGV[2]
local known = redis.call('HDEL', P .. 'feeds', id)
for _, name in ipairs({'host', 'state', 'claim', 'deaths'}) do
  redis.call('HDEL', P .. 'feeds:' .. name, id)
end
for _, name in ipairs({'due', 'waiting', 'lease', 'polled'}) do
  redis.call('ZREM', P .. 'feeds:' .. name, id)
end
-- Kept as long as what was seen: a feed that is subscribed again still tells changed entries from known ones.
redis.call('PEXPIRE', P .. 'window:' .. id, 30 * 86400000)
return known
