-- A feed's turn. It stands in exactly one of three zsets:
--   feeds:due               id -> ms of the next poll
--   feeds:waiting           id -> ms when it was due; it waits in queue:feeds:<host>
--   feeds:lease             id -> ms when the lease runs out
--   feeds:claim             hash id -> token, begun, host (only while leased)
--   feeds:deaths            hash id -> leases in a row that ended with a dead worker
local function load_claim(id)
  local text = redis.call('HGET', P .. 'feeds:claim', id)
  if not text then return nil end
  local token, begun, host = string.match(text, '^(%S+) (%d) (.*)$')
  return {token = token, begun = begun == '1', host = host}
end

local function save_claim(id, claim)
  redis.call('HSET', P .. 'feeds:claim', id, claim.token .. (claim.begun and ' 1 ' or ' 0 ') .. claim.host)
end

local function drop_claim(id)
  redis.call('ZREM', P .. 'feeds:lease', id)
  redis.call('HDEL', P .. 'feeds:claim', id)
end

-- Due again; at once the first time, then later each time: a feed that kills its worker must not do so all day.
local function lose_feed(id, claim, delay)
  drop_claim(id)
  unlock_all(claim.host, claim.token, claim.begun and delay or 0)
  local after = 0
  if claim.begun then
    local deaths = redis.call('HINCRBY', P .. 'feeds:deaths', id, 1)
    if deaths > 1 then after = math.min(3600000, 30000 * 2 ^ math.min(deaths - 2, 10)) end
  end
  redis.call('ZADD', P .. 'feeds:due', digits(now + after), id)
end
