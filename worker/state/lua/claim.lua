#!lua flags=allow-oom
-- include: _base _steady _domain _article _feed
-- Take at most one piece of work per domain that is ready and per address, and lock both. Feeds and articles of a
-- domain take turns, and so do its hosts. Who finds its address taken waits there in line and is let in first. Retries
-- that are due enter first, in front. No article while the leases or the outbox are at their caps, no feed while the
-- frontier is full. An article under which `deaths` workers died is handed out under a lease but without locks: the
-- caller ends it.
-- ARGV: limit, feed lease ms, article lease ms, most in flight, most pending, most outbox bytes, deaths,
--   rest of an address in ms
-- -> {ms of the day, {kind, id, lane, token, deaths, [payload, meta of one to be ended]} ..}
local LOOK_AGAIN = 1000 -- ms
local limit, feed_lease, article_lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local room = tonumber(ARGV[5]) - redis.call('ZCARD', P .. 'articles:inflight')
local fatal, address_rest = tonumber(ARGV[8]), tonumber(ARGV[9])
if tonumber(redis.call('GET', P .. 'outbox:bytes') or 0) >= tonumber(ARGV[7]) then room = 0 end
local polling = redis.call('HLEN', P .. 'articles:payload') < tonumber(ARGV[6])

local due = redis.call('ZRANGE', P .. 'articles:delayed', '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, 200)
for i = #due, 1, -1 do
  redis.call('ZREM', P .. 'articles:delayed', due[i])
  enqueue(due[i], load_article(due[i]), true)
end

local function new_token()
  return string.format('%x-%x', now, redis.call('INCR', P .. 'tokens'))
end

local answer = {digits(wall)}

local function lease_article(id, m, token)
  room = room - 1
  m.attempt = m.attempt + 1
  m.token = token
  m.begun = false
  save_article(id, m)
  redis.call('ZREM', P .. 'articles:queued', id)
  redis.call('ZADD', P .. 'articles:inflight', digits(now + article_lease), id)
end

-- Both take from the lane's queue what can be worked on and skip what is stale; a turn looks at 100 items at most.
-- -> the token it is leased under
local function take_feed(lane)
  for _ = 1, 100 do
    local id = redis.call('LPOP', queue_of('feeds', lane))
    if not id then return nil end
    if redis.call('ZREM', P .. 'feeds:waiting', id) == 1 then
      local token = new_token()
      redis.call('ZADD', P .. 'feeds:lease', digits(now + feed_lease), id)
      save_claim(id, {token = token, begun = false, lane = lane})
      answer[#answer + 1] = {'feed', id, lane, token, 0}
      return token
    end
  end
  return nil
end

local function take_article(lane)
  for _ = 1, 100 do
    if room <= 0 then return nil end
    local id = redis.call('LPOP', queue_of('articles', lane))
    if not id then return nil end
    if redis.call('ZSCORE', P .. 'articles:queued', id) then
      local m = load_article(id)
      local token = new_token()
      lease_article(id, m, token)
      if m.deaths >= fatal then
        local payload = redis.call('HGET', P .. 'articles:payload', id)
        answer[#answer + 1] = {'dead', id, lane, token, m.deaths, payload, meta_text(m)}
      else
        answer[#answer + 1] = {'article', id, lane, token, m.deaths}
        return token
      end
    end
  end
  return nil
end

-- The lane's turn, at a free address or one that is not known: take and lock. The others of its domain are next.
local function take(kind, domain, lane, address)
  local token = kind == 'feeds' and take_feed(lane) or kind == 'articles' and take_article(lane)
  if redis.call('EXISTS', queue_of(kind, lane)) == 1 then
    redis.call('ZADD', turns_of(kind, domain), digits(now), lane)
  else
    redis.call('ZREM', turns_of(kind, domain), lane)
  end
  if not token then return false end
  local deadline = now + (kind == 'feeds' and feed_lease or article_lease)
  lock(domain, token, deadline, kind)
  if address then
    redis.call('HSET', P .. 'domain:' .. domain, 'address', address)
    lock_address(address, token, deadline, address_rest)
  end
  return true
end

local function allowed(kind)
  return (kind == 'feeds' and polling) or (kind == 'articles' and room > 0)
end

local function may_be_asked(domain, host, parent)
  local record = redis.call('HMGET', P .. 'domain:' .. domain, 'token', 'next')
  if record[1] or tonumber(record[2] or 0) > now then return false end
  if tonumber(redis.call('HGET', P .. 'host:' .. host, 'next') or 0) > now then return false end
  return parent == '' or tonumber(redis.call('HGET', P .. 'domain:' .. parent, 'next') or 0) <= now
end

-- Who waits for an address that is free by now: the first whose domain is free as well.
local function let_in(address)
  for _, entry in ipairs(redis.call('ZRANGE', P .. 'waits:' .. address, 0, 49)) do
    local kind, lane = string.match(entry, '^(%S+) (.*)$')
    local domain, host, parent = words(lane)
    if allowed(kind) and may_be_asked(domain, host, parent) then
      redis.call('ZREM', P .. 'waits:' .. address, entry)
      if take(kind, domain, lane, address) then return true end
    end
  end
  return false
end

local wake = redis.call('ZRANGE', P .. 'addresses:wake', '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, 100)
for _, address in ipairs(wake) do
  if #answer > limit then break end
  local at = address_busy(redis.call('HMGET', P .. 'address:' .. address, 'token', 'deadline', 'next'))
  if not at then at = now + (let_in(address) and article_lease or LOOK_AGAIN) end -- unlocking moves it forward
  if redis.call('EXISTS', P .. 'waits:' .. address) == 1 then
    redis.call('ZADD', P .. 'addresses:wake', digits(at), address)
  else
    redis.call('ZREM', P .. 'addresses:wake', address)
  end
end

-- The domain's next host whose address is free; those that are not leave the line and wait there.
local function next_turn(kind, domain)
  local turns = turns_of(kind, domain)
  for _ = 1, 50 do
    local first = redis.call('ZRANGE', turns, 0, 0, 'WITHSCORES')
    if not allowed(kind) or not first[1] or tonumber(first[2]) > now then break end
    local lane = first[1]
    local _, host, parent = words(lane)
    local pause = parent ~= '' and tonumber(redis.call('HGET', P .. 'domain:' .. parent, 'next') or 0) or 0
    if pause > now then
      redis.call('ZADD', turns, digits(pause), lane)
    else
      local address = redis.call('HGET', P .. 'host:' .. host, 'address')
      local record = address and redis.call('HMGET', P .. 'address:' .. address, 'token', 'deadline', 'next', 'front')
      if address and not record[4] then
        local busy = address_busy(record)
        if busy or redis.call('EXISTS', P .. 'waits:' .. address) == 1 then
          redis.call('ZREM', turns, lane)
          redis.call('ZADD', P .. 'waits:' .. address, 'NX', digits(now), kind .. ' ' .. lane)
          redis.call('ZADD', P .. 'addresses:wake', 'NX', digits(busy or now), address)
        elseif take(kind, domain, lane, address) then
          return true
        end
      elseif take(kind, domain, lane, nil) then
        return true
      end
    end
  end
  local first = redis.call('ZRANGE', turns, 0, 0, 'WITHSCORES')
  if not first[1] then
    redis.call('ZREM', P .. 'domains:ready:' .. kind, domain)
  elseif tonumber(first[2]) > now then
    redis.call('ZADD', P .. 'domains:ready:' .. kind, 'XX', digits(first[2]), domain)
  end
  return false
end

-- Domains in the order in which they became ready, whatever waits there.
local domains, since = {}, {}
for _, kind in ipairs(KINDS) do
  if allowed(kind) then
    local found = redis.call(
      'ZRANGE', P .. 'domains:ready:' .. kind, '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES'
    )
    for i = 1, #found, 2 do
      local domain, at = found[i], tonumber(found[i + 1])
      if not since[domain] then domains[#domains + 1] = domain end
      since[domain] = math.min(since[domain] or at, at)
    end
  end
end
table.sort(domains, function(a, b)
  if since[a] ~= since[b] then return since[a] < since[b] end
  return a < b
end)

for _, domain in ipairs(domains) do
  if #answer > limit then break end
  local record = redis.call('HMGET', P .. 'domain:' .. domain, 'token', 'last')
  if not record[1] then
    local first, second = 'feeds', 'articles'
    if record[2] == 'feeds' then first, second = second, first end
    if not next_turn(first, domain) then next_turn(second, domain) end
  end
end
return answer
