-- Who may be hit when: one record per host for both kinds of work.
--   host:<h>                hash: token, deadline (only while locked), next (ms when it may be hit), last (kind)
--   queue:<kind>:<h>        list of ids, kind is feeds or articles
--   hosts:ready:<kind>      zset host -> ms when it may be hit; exactly the unlocked hosts with work of that kind
--   hosts:locked            zset host -> ms when the lock runs out
--   held:<token>            set: further hosts that the same claim locked for redirects
local KINDS = {'feeds', 'articles'}
local REMEMBERED = 86400000 -- a record outlives its last date by a day: politeness without eternal keys

local function queue_of(kind, host)
  return P .. 'queue:' .. kind .. ':' .. host
end

local function remember_host(host, until_ms)
  redis.call('PEXPIRE', P .. 'host:' .. host, digits(math.max(until_ms - now, 0) + REMEMBERED))
end

-- Enter the ready sets when there is work and no lock. A host that is in already keeps its place.
local function show(host)
  local record = redis.call('HMGET', P .. 'host:' .. host, 'token', 'next')
  if record[1] then return end
  local at = digits(math.max(now, tonumber(record[2] or 0)))
  for _, kind in ipairs(KINDS) do
    if redis.call('EXISTS', queue_of(kind, host)) == 1 then
      redis.call('ZADD', P .. 'hosts:ready:' .. kind, 'NX', at, host)
    end
  end
end

local function lock(host, token, deadline, kind)
  redis.call('HSET', P .. 'host:' .. host, 'token', token, 'deadline', digits(deadline), 'last', kind)
  remember_host(host, deadline)
  redis.call('ZADD', P .. 'hosts:locked', digits(deadline), host)
  redis.call('ZREM', P .. 'hosts:ready:feeds', host)
  redis.call('ZREM', P .. 'hosts:ready:articles', host)
end

-- No request before `until_ms`, whoever holds the lock now.
local function rest(host, until_ms)
  local record = P .. 'host:' .. host
  if tonumber(redis.call('HGET', record, 'next') or 0) >= until_ms then return end
  redis.call('HSET', record, 'next', digits(until_ms))
  remember_host(host, until_ms)
  for _, kind in ipairs(KINDS) do
    redis.call('ZADD', P .. 'hosts:ready:' .. kind, 'XX', 'GT', digits(until_ms), host)
  end
end

-- Only the holder unlocks; then the host rests.
local function unlock(host, token, delay)
  local record = P .. 'host:' .. host
  if redis.call('HGET', record, 'token') ~= token then return false end
  redis.call('HDEL', record, 'token', 'deadline')
  redis.call('ZREM', P .. 'hosts:locked', host)
  rest(host, now + delay)
  show(host)
  return true
end

local function unlock_all(host, token, delay)
  unlock(host, token, delay)
  for _, other in ipairs(redis.call('SMEMBERS', P .. 'held:' .. token)) do
    unlock(other, token, delay)
  end
  redis.call('DEL', P .. 'held:' .. token)
end

-- Is the host ours until `deadline`? Renews our lock; takes a free and rested host again; else false.
local function hold(host, token, deadline, kind)
  local record = redis.call('HMGET', P .. 'host:' .. host, 'token', 'next')
  if record[1] and record[1] ~= token then return false end
  if not record[1] and tonumber(record[2] or 0) > now then return false end
  lock(host, token, deadline, kind)
  return true
end
