#!lua flags=no-writes
-- include: _base _steady
-- How many domains could be claimed from now; one with both kinds of work counts once for each, up to `most`.
-- ARGV: most -> number
local found = redis.call('ZCOUNT', P .. 'domains:ready:feeds', '-inf', digits(now))
  + redis.call('ZCOUNT', P .. 'domains:ready:articles', '-inf', digits(now))
  + redis.call('ZCOUNT', P .. 'addresses:wake', '-inf', digits(now))
  + redis.call('ZCOUNT', P .. 'articles:delayed', '-inf', digits(now))
return math.min(found, tonumber(ARGV[2]))
