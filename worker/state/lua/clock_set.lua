#!lua flags=allow-oom
-- include: _base
-- The server's clock was set: `now` goes on as if it had not been. By compare and set, so that one of all that notice
-- it does it.
-- ARGV: ms by which it was set so far, as the caller has read it, ms by which it was set since -> 1, or 0
if (redis.call('GET', P .. 'clock') or '0') ~= ARGV[2] then return 0 end
redis.call('INCRBY', P .. 'clock', ARGV[3])
return 1
