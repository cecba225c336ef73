#!lua flags=allow-oom
-- include: _base
-- Overwrite what is remembered of a text, if it still stands there. What points to it finds nothing then.
-- ARGV: key, offset, its first bytes, size -> 1 when it was there
local key, at, head = P .. ARGV[2], tonumber(ARGV[3]), ARGV[4]
if redis.call('GETRANGE', key, at, at + #head - 1) ~= head then return 0 end
redis.call('SETRANGE', key, at, string.rep('\0', tonumber(ARGV[5])))
return 1
