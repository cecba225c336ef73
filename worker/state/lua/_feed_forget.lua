-- Forget a subscription. Its window lives on as long as what was seen, so that a feed that is subscribed again still tells
-- changed entries from known ones; so do its state, log and next poll, so that its server is neither asked sooner for it
-- nor without the validators that it gave. Needs _base.
--   left:<id>    hash of what an unsubscribed feed leaves: lane, state, log, due (ms). `feeds:asked` and `feeds:full` stay, too.
local LEFT_MS = 30 * 86400000
local function forget_feed(id)
  local left = P .. 'left:' .. id
  redis.call('DEL', left)
  local due = redis.call('ZSCORE', P .. 'feeds:due', id) or redis.call('ZSCORE', P .. 'feeds:waiting', id)
    or redis.call('ZSCORE', P .. 'feeds:paused', id)
  local asked = redis.call('HGET', P .. 'feeds:asked', id)
  if asked then due = math.max(tonumber(due or 0), tonumber(string.match(asked, '^%d+'))) end
  for name, value in pairs({
    lane = redis.call('HGET', P .. 'feeds:host', id), state = redis.call('HGET', P .. 'feeds:state', id),
    log = redis.call('HGET', P .. 'feeds:log', id), due = due,
  }) do
    if value then redis.call('HSET', left, name, name == 'due' and digits(value) or value) end
  end
  redis.call('PEXPIRE', left, LEFT_MS)
  local known = redis.call('HDEL', P .. 'feeds', id)
  for _, name in ipairs({'host', 'state', 'claim', 'deaths', 'log'}) do
    redis.call('HDEL', P .. 'feeds:' .. name, id)
  end
  for _, name in ipairs({'due', 'waiting', 'lease', 'polled', 'paused'}) do
    redis.call('ZREM', P .. 'feeds:' .. name, id)
  end
  -- The subscriber sees that the feed is gone, and leaves its hub.
  for _, name in ipairs({'wanted', 'earliest', 'pinged'}) do
    redis.call('HDEL', P .. 'websub:' .. name, id)
  end
  if redis.call('HEXISTS', P .. 'websub:current', id) == 1 then redis.call('SADD', P .. 'websub:changed', id) end
  redis.call('PEXPIRE', P .. 'window:' .. id, LEFT_MS)
  return known
end

-- Addresses that lead to `id` lead to `other` from now on, or nowhere.
local function redirect_aliases(id, other)
  local aliases = redis.call('HGETALL', P .. 'feeds:alias')
  for i = 1, #aliases, 2 do
    if aliases[i + 1] == id then
      if other then
        redis.call('HSET', P .. 'feeds:alias', aliases[i], other)
      else
        redis.call('HDEL', P .. 'feeds:alias', aliases[i])
      end
    end
  end
end
