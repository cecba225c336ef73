-- Whether this Redis knows all texts of the window. One that was lost does not: what it decides until it was taught
-- again (`feedmill rebuild`) is provisional, and decided anew then, in order of arrival.
--   stories:since   ms since when texts were assigned here; 0 when the window is known whole since a rebuild
--   rebuild         hash of the last rebuild: token, host, began, since, reached, read, phase
--   rebuild:lease   its token, expiring: it is at work
--   rebuild:order   zset of articles, by ms: provisional ones that were assigned while a rebuild was at work
--   rebuild:decided set of those that were decided anew: their documents are to follow
--   rebuild:texts   hash article -> its text, see `enlist`
-- Records, representatives and exact hashes say themselves that they are provisional. Outside of a rebuild that means
-- nothing; once the window is whole, provisional representatives and hashes that are left are those of nobody.
local WHOLE = '0'
local LONGEST_WAY = 600000  -- of an article from the offer to here, where clocks differ as well

-- `first_seen` of the article: no later than the beginning -> whether what is decided now is provisional, whether a
-- rebuild is at work, whether only confirmed texts count
local function knowledge(epoch_ms, first_seen)
  local found = redis.call('MGET', P .. 'stories:since', P .. 'rebuild:lease')
  local since = found[1]
  if since == WHOLE then return false, false, true end
  if not since then
    since = digits(math.max(math.min(now, first_seen), now - LONGEST_WAY))
    redis.call('SET', P .. 'stories:since', since)
  end
  local provisional = now - tonumber(since) < 2 * epoch_ms
  return provisional, provisional and found[2] and true, false
end

-- To be decided when all else is known. A later version changes nothing about the article's turn, and replaces its text only
-- where that is another one altogether.
local function enlist(raw, at, text, another)
  if another then redis.call('HDEL', P .. 'rebuild:texts', raw) end
  redis.call('ZADD', P .. 'rebuild:order', 'NX', digits(at), raw)
  redis.call('HSETNX', P .. 'rebuild:texts', raw, cmsgpack.pack(text))
end

local function strike_off(raw)
  redis.call('ZREM', P .. 'rebuild:order', raw)
  redis.call('HDEL', P .. 'rebuild:texts', raw)
end
