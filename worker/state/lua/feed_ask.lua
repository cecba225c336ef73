#!lua flags=allow-oom
-- include: _base _steady _domain _feed
-- The feed's server is about to be asked. Noted before, so that a worker that dies now leaves a trace: what was asked,
-- and when it may be asked again. Without validators ("in full") at most once in 24 hours, whatever happens; feed_save
-- takes that back where the answer was no document, or none with validators.
--   feeds:asked   hash id -> "<ms before which it is not asked again> <token> <what is asked>", until the poll is over
--   feeds:full    zset id -> ms when it was last asked in full
-- ARGV: id, token, ms until it may be asked again, '1' in full, what is asked
-- -> {1, what was asked before and never ended} or {0} when the lease was lost, {-1, ms to wait} when it may not
local DAY = 86400000
local id, token = ARGV[2], ARGV[3]
local claim = load_claim(id)
if not claim or claim.token ~= token then return {0} end
local before = redis.call('HGET', P .. 'feeds:asked', id)
local their_token, their_request = string.match(before or '', '^%d+ (%S+) (.*)$')
if their_token == token then return {1, ''} end -- the same call once more
if ARGV[5] == '1' then
  redis.call('ZREMRANGEBYSCORE', P .. 'feeds:full', '-inf', digits(now - DAY))
  local last = redis.call('ZSCORE', P .. 'feeds:full', id)
  if last then return {-1, digits(tonumber(last) + DAY - now)} end
  redis.call('ZADD', P .. 'feeds:full', digits(now), id)
end
redis.call('HSET', P .. 'feeds:asked', id, digits(now + tonumber(ARGV[4])) .. ' ' .. token .. ' ' .. ARGV[6])
redis.call('ZADD', P .. 'feeds:polled', 'XX', digits(wall), id)
return {1, their_request or ''}
