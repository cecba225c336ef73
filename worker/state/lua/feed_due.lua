#!lua flags=allow-oom
-- include: _base _steady
-- A person wants a feed polled now, whatever was planned.
-- ARGV: id -> 1, or 0 when it is not subscribed, paused, or on its way already
return redis.call('ZADD', P .. 'feeds:due', 'XX', 'CH', digits(now), ARGV[2])
