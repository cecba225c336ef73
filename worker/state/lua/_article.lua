-- An article on its way. It stands in exactly one of three zsets:
--   articles:queued         id -> ms since when it waits in queue:articles:<lane>
--   articles:delayed        id -> ms when its retry is due
--   articles:inflight       id -> ms when its lease runs out
--   articles:payload        hash id -> origin, entry and journal, one JSON value a line (state/codec.py)
--   articles:meta           hash id -> offer, offered at, attempts, deaths, begun, token, lane
--   articles:again          hash id -> lane: its entry changed while a worker had it; it is offered anew when it ends
-- A list item whose id is not in articles:queued is stale and skipped.
local function load_article(id)
  local text = redis.call('HGET', P .. 'articles:meta', id)
  if not text then return nil end
  local offer, at, attempt, deaths, begun, token, lane =
    string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%S+) (.*)$')
  return {
    offer = offer, at = at, attempt = tonumber(attempt), deaths = tonumber(deaths),
    begun = begun == '1', token = token, lane = lane,
  }
end

local function meta_text(m)
  return string.format('%s %s %d %d %d %s %s', m.offer, m.at, m.attempt, m.deaths, m.begun and 1 or 0, m.token, m.lane)
end

local function save_article(id, m)
  redis.call('HSET', P .. 'articles:meta', id, meta_text(m))
end

local function enqueue(id, m, in_front)
  redis.call('HDEL', P .. 'articles:again', id) -- whoever takes it next reads the entry as it is now
  m.token = '-'
  m.begun = false
  save_article(id, m)
  redis.call('ZADD', P .. 'articles:queued', digits(now), id)
  redis.call(in_front and 'LPUSH' or 'RPUSH', queue_of('articles', m.lane), id)
  line_up('articles', m.lane)
end

local function drop_article(id)
  redis.call('ZREM', P .. 'articles:inflight', id)
  redis.call('HDEL', P .. 'articles:meta', id)
  redis.call('HDEL', P .. 'articles:payload', id)
end

-- The lease ended without a word. Where a worker had begun, it died under the article: that counts, and the article
-- waits behind the others. Where none had begun only a message was lost: the claim does not count at all.
local function lose_article(id, m, delay)
  redis.call('ZREM', P .. 'articles:inflight', id)
  unlock_all(m.lane, m.token, m.begun and delay or 0)
  local begun = m.begun
  if begun then m.deaths = m.deaths + 1 else m.attempt = math.max(m.attempt - 1, 0) end
  enqueue(id, m, not begun)
end
