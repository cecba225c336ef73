#!lua flags=no-writes
-- include: _base
-- -> {items, bytes, ms of the oldest}
local first = redis.call('XRANGE', P .. 'outbox', '-', '+', 'COUNT', 1)[1]
local age = first and math.max(0, wall - tonumber(string.match(first[1], '^%d+'))) or 0
return {
  redis.call('XLEN', P .. 'outbox'), tonumber(redis.call('GET', P .. 'outbox:bytes') or 0), digits(age),
}
