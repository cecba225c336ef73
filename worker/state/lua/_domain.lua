-- Who may be asked when: requests go out one at a time per domain and per address, and both rest after each. What waits
-- stands in lanes, one per host (worker/lanes.py): "domain", "domain host" or "domain host parent".
--   domain:<d>            hash: token, deadline, address (only while locked); next (ms when it may be asked), last (kind)
--   host:<h>              hash: next (ms, where robots.txt asks for longer rests than its domain has), address (last seen)
--   address:<a>           hash: token, deadline (only while locked), rest (ms), next; site, front (reach.lua)
--   queue:<kind>:<lane>   list of ids, kind is feeds or articles
--   turns:<kind>:<d>      zset lane -> ms from which on it may have its turn: lanes with work of that kind
--   domains:ready:<kind>  zset domain -> ms when it may be asked; exactly the unlocked domains with turns
--   domains:locked        zset domain -> ms when the lock runs out
--   waits:<a>             zset "kind lane" -> ms since when it waits for the address; it has no turn meanwhile
--   addresses:wake        zset address -> ms when to let in the next of those that wait
--   held:<token>          set: further domains, and "@address"es, that the same claim locked
local KINDS = {'feeds', 'articles'}
local REMEMBERED = 86400000 -- a record outlives its last date by a day: politeness without eternal keys

local function queue_of(kind, lane)
  return P .. 'queue:' .. kind .. ':' .. lane
end

local function turns_of(kind, domain)
  return P .. 'turns:' .. kind .. ':' .. domain
end

local function words(lane)
  local domain, host, parent = string.match(lane, '^(%S+) ?(%S*) ?(%S*)$')
  return domain, host == '' and domain or host, parent
end

local function remember(record, until_ms)
  redis.call('PEXPIRE', record, digits(math.max(until_ms - now, 0) + REMEMBERED))
end

-- The unlocked domain enters the ready set when there is work. What is in already is at most moved forward.
local function show(kind, domain, next)
  local first = redis.call('ZRANGE', turns_of(kind, domain), 0, 0, 'WITHSCORES')
  if first[1] then
    local at = digits(math.max(now, next, tonumber(first[2])))
    redis.call('ZADD', P .. 'domains:ready:' .. kind, 'LT', at, domain)
  end
end

-- The lane has work: it takes its turns with the other lanes of its domain.
local function line_up(kind, lane)
  local domain, host = words(lane)
  local rested = tonumber(redis.call('HGET', P .. 'host:' .. host, 'next') or 0)
  if redis.call('ZADD', turns_of(kind, domain), 'NX', digits(math.max(now, rested)), lane) == 0 then return end
  local record = redis.call('HMGET', P .. 'domain:' .. domain, 'token', 'next')
  if not record[1] then show(kind, domain, tonumber(record[2] or 0)) end
end

-- Nothing is left in the lane: it has no turn any more, and its domain none without it.
local function leave_line(kind, lane)
  local domain, host = words(lane)
  local address = redis.call('HGET', P .. 'host:' .. host, 'address')
  if address then redis.call('ZREM', P .. 'waits:' .. address, kind .. ' ' .. lane) end
  redis.call('ZREM', turns_of(kind, domain), lane)
  if redis.call('EXISTS', turns_of(kind, domain)) == 0 then redis.call('ZREM', P .. 'domains:ready:' .. kind, domain) end
end

local function lock_address(address, token, deadline, rest)
  local record = P .. 'address:' .. address
  redis.call('HSET', record, 'token', token, 'deadline', digits(deadline), 'rest', digits(rest))
  remember(record, deadline)
end

local function lock(domain, token, deadline, kind)
  local record = P .. 'domain:' .. domain
  redis.call('HSET', record, 'token', token, 'deadline', digits(deadline), 'last', kind)
  remember(record, deadline)
  redis.call('ZADD', P .. 'domains:locked', digits(deadline), domain)
  redis.call('ZREM', P .. 'domains:ready:feeds', domain)
  redis.call('ZREM', P .. 'domains:ready:articles', domain)
end

-- No request before `until_ms`, whoever holds the lock now.
local function rest(domain, until_ms)
  local record = P .. 'domain:' .. domain
  if tonumber(redis.call('HGET', record, 'next') or 0) >= until_ms then return end
  redis.call('HSET', record, 'next', digits(until_ms))
  remember(record, until_ms)
  for _, kind in ipairs(KINDS) do
    redis.call('ZADD', P .. 'domains:ready:' .. kind, 'XX', 'GT', digits(until_ms), domain)
  end
end

-- The server asked for it: its whole domain rests, and all sites of a hoster do.
local function rest_all(lane, until_ms)
  local domain, _, parent = words(lane)
  rest(domain, until_ms)
  if parent ~= '' then rest(parent, until_ms) end
end

-- robots.txt asks for it: this host and no other.
local function rest_host(lane, until_ms)
  local domain, host = words(lane)
  local record = P .. 'host:' .. host
  redis.call('HSET', record, 'next', digits(until_ms))
  remember(record, until_ms)
  local own = redis.call('HMGET', P .. 'domain:' .. domain, 'token', 'next')
  for _, kind in ipairs(KINDS) do
    redis.call('ZADD', turns_of(kind, domain), 'XX', 'GT', digits(until_ms), lane)
    if not own[1] then
      redis.call('ZREM', P .. 'domains:ready:' .. kind, domain)
      show(kind, domain, tonumber(own[2] or 0))
    end
  end
end

-- Only the holder unlocks; then it rests.
local function unlock_address(address, token)
  local record = P .. 'address:' .. address
  local held = redis.call('HMGET', record, 'token', 'rest', 'next')
  if held[1] ~= token then return end
  local next = digits(math.max(now + tonumber(held[2] or 0), tonumber(held[3] or 0)))
  redis.call('HDEL', record, 'token', 'deadline')
  redis.call('HSET', record, 'next', next)
  remember(record, tonumber(next))
  redis.call('ZADD', P .. 'addresses:wake', 'XX', next, address)
end

local function unlock(domain, token, delay)
  local record = P .. 'domain:' .. domain
  local held = redis.call('HMGET', record, 'token', 'address', 'next')
  if held[1] ~= token then return end
  local next = math.max(now + delay, tonumber(held[3] or 0))
  redis.call('HDEL', record, 'token', 'deadline', 'address')
  redis.call('HSET', record, 'next', digits(next))
  remember(record, next)
  redis.call('ZREM', P .. 'domains:locked', domain)
  if held[2] then unlock_address(held[2], token) end
  for _, kind in ipairs(KINDS) do show(kind, domain, next) end
end

local function unlock_all(lane, token, delay)
  unlock(words(lane), token, delay)
  local held = redis.call('SMEMBERS', P .. 'held:' .. token)
  for _, other in ipairs(held) do
    if string.sub(other, 1, 1) == '@' then
      unlock_address(string.sub(other, 2), token)
    else
      unlock(other, token, delay)
    end
  end
  if held[1] then redis.call('DEL', P .. 'held:' .. token) end
end

local function keep_address(address, token, deadline)
  local record = P .. 'address:' .. address
  if redis.call('HGET', record, 'token') == token then redis.call('HSET', record, 'deadline', digits(deadline)) end
end

local function keep_domain(domain, address, token, deadline)
  redis.call('HSET', P .. 'domain:' .. domain, 'deadline', digits(deadline))
  redis.call('ZADD', P .. 'domains:locked', digits(deadline), domain)
  if address then keep_address(address, token, deadline) end
end

-- The locks of the claim run on, those that it still has.
local function keep_all(lane, token, deadline)
  local held = redis.call('SMEMBERS', P .. 'held:' .. token)
  held[#held + 1] = (words(lane))
  for _, other in ipairs(held) do
    if string.sub(other, 1, 1) == '@' then
      keep_address(string.sub(other, 2), token, deadline)
    else
      local record = redis.call('HMGET', P .. 'domain:' .. other, 'token', 'address')
      if record[1] == token then keep_domain(other, record[2], token, deadline) end
    end
  end
end

-- Is the domain ours until `deadline`? Renews our locks; takes a free and rested domain again; else false.
local function hold(lane, token, deadline, kind)
  local domain = words(lane)
  local record = redis.call('HMGET', P .. 'domain:' .. domain, 'token', 'next', 'address')
  if record[1] == token then
    keep_domain(domain, record[3], token, deadline)
    return true
  end
  if record[1] or tonumber(record[2] or 0) > now then return false end
  lock(domain, token, deadline, kind)
  return true
end

-- Until when the address is taken or rests, and whether it is taken; nil when it is free. A lock ends with its deadline.
local function address_busy(record)
  local token, deadline, next = record[1], tonumber(record[2] or 0), tonumber(record[3] or 0)
  if token and deadline > now then return deadline, true end
  if next > now then return next, false end
  return nil, false
end
