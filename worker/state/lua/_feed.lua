-- A feed's turn. It stands in exactly one of these zsets, but for a feed that was paused while it was being polled:
--   feeds:due               id -> ms of the next poll
--   feeds:waiting           id -> ms when it was due; it waits in queue:feeds:<lane>
--   feeds:lease             id -> ms when the lease runs out
--   feeds:paused            id -> ms of the poll that waits for the end of the pause
--   feeds:claim             hash id -> token, begun, lane (only while leased)
--   feeds:deaths            hash id -> leases in a row that ended with a dead worker
local function load_claim(id)
  local text = redis.call('HGET', P .. 'feeds:claim', id)
  if not text then return nil end
  local token, begun, lane = string.match(text, '^(%S+) (%d) (.*)$')
  return {token = token, begun = begun == '1', lane = lane}
end

local function save_claim(id, claim)
  redis.call('HSET', P .. 'feeds:claim', id, claim.token .. (claim.begun and ' 1 ' or ' 0 ') .. claim.lane)
end

local function drop_claim(id)
  redis.call('ZREM', P .. 'feeds:lease', id)
  redis.call('HDEL', P .. 'feeds:claim', id)
end

-- Its next poll: due then, or kept for the end of its pause.
local function plan_feed(id, at)
  local paused = redis.call('ZSCORE', P .. 'feeds:paused', id)
  redis.call('ZADD', P .. (paused and 'feeds:paused' or 'feeds:due'), at, id)
  return paused
end

-- Due again; at once the first time, then later each time: a feed that kills its worker must not do so all day. Where its
-- server may have been asked, not before the time that was noted then (feed_ask.lua).
local function lose_feed(id, claim, delay)
  drop_claim(id)
  unlock_all(claim.lane, claim.token, claim.begun and delay or 0)
  local after = 0
  if claim.begun then
    local deaths = redis.call('HINCRBY', P .. 'feeds:deaths', id, 1)
    if deaths > 1 then after = math.min(3600000, 30000 * 2 ^ math.min(deaths - 2, 10)) end
  end
  local asked = redis.call('HGET', P .. 'feeds:asked', id)
  local earliest = asked and tonumber(string.match(asked, '^%d+')) or 0
  plan_feed(id, digits(math.max(now + after, earliest)))
end
