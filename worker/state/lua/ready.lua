#!lua flags=no-writes
-- include: _base
-- How many hosts could be claimed from now; a host with both kinds of work counts once for each, up to `most`.
-- ARGV: most -> number
local found = redis.call('ZCOUNT', P .. 'hosts:ready:feeds', '-inf', digits(now))
  + redis.call('ZCOUNT', P .. 'hosts:ready:articles', '-inf', digits(now))
  + redis.call('ZCOUNT', P .. 'articles:delayed', '-inf', digits(now))
return math.min(found, tonumber(ARGV[2]))
