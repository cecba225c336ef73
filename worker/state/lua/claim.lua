#!lua flags=allow-oom
-- include: _base _host _article _feed
-- Take at most one piece of work per ready host and lock the host. A host's feeds and articles take turns. Retries that
-- are due enter first, in front. No article while the leases or the outbox are at their caps, no feed while the
-- frontier is full.
-- An article under which `deaths` workers died is handed out under a lease but without its host: the caller ends it.
-- ARGV: limit, feed lease ms, article lease ms, most in flight, most pending, most outbox bytes, deaths
-- -> {now, {kind, id, host, token, deaths, [payload, meta of one to be ended]} ..}
local limit, feed_lease, article_lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local room = tonumber(ARGV[5]) - redis.call('ZCARD', P .. 'articles:inflight')
local fatal = tonumber(ARGV[8])
if tonumber(redis.call('GET', P .. 'outbox:bytes') or 0) >= tonumber(ARGV[7]) then room = 0 end
local polling = redis.call('HLEN', P .. 'articles:payload') < tonumber(ARGV[6])

local due = redis.call('ZRANGE', P .. 'articles:delayed', '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, 200)
for i = #due, 1, -1 do
  redis.call('ZREM', P .. 'articles:delayed', due[i])
  enqueue(due[i], load_article(due[i]), true)
end

local serial = 0
local function new_token()
  serial = serial + 1
  return string.format('%x-%x', now, redis.call('INCR', P .. 'tokens'))
end

local answer = {digits(now)}

local function lease_article(id, m, token)
  room = room - 1
  m.attempt = m.attempt + 1
  m.token = token
  m.begun = false
  save_article(id, m)
  redis.call('ZREM', P .. 'articles:queued', id)
  redis.call('ZADD', P .. 'articles:inflight', digits(now + article_lease), id)
end

-- Both take from their queue what can be worked on and skip what is stale; a turn looks at 100 items at most.
local function take_feed(host)
  for _ = 1, 100 do
    local id = redis.call('LPOP', queue_of('feeds', host))
    if not id then return false end
    if redis.call('ZREM', P .. 'feeds:waiting', id) == 1 then
      local token = new_token()
      lock(host, token, now + feed_lease, 'feeds')
      redis.call('ZADD', P .. 'feeds:lease', digits(now + feed_lease), id)
      save_claim(id, {token = token, begun = false, host = host})
      answer[#answer + 1] = {'feed', id, host, token, 0}
      return true
    end
  end
  return false
end

local function take_article(host)
  for _ = 1, 100 do
    if room <= 0 then return false end
    local id = redis.call('LPOP', queue_of('articles', host))
    if not id then return false end
    if redis.call('ZSCORE', P .. 'articles:queued', id) then
      local m = load_article(id)
      local token = new_token()
      lease_article(id, m, token)
      if m.deaths >= fatal then
        local payload = redis.call('HGET', P .. 'articles:payload', id)
        answer[#answer + 1] = {'dead', id, host, token, m.deaths, payload, meta_text(m)}
      else
        lock(host, token, now + article_lease, 'articles')
        answer[#answer + 1] = {'article', id, host, token, m.deaths}
        return true
      end
    end
  end
  return false
end

local function ready(kind)
  return redis.call(
    'ZRANGE', P .. 'hosts:ready:' .. kind, '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES'
  )
end

-- Hosts in the order in which they became ready, whatever waits there.
local hosts, since = {}, {}
for _, kind in ipairs(KINDS) do
  if (kind == 'feeds' and polling) or (kind == 'articles' and room > 0) then
    local found = ready(kind)
    for i = 1, #found, 2 do
      local host, at = found[i], tonumber(found[i + 1])
      if not since[host] then hosts[#hosts + 1] = host end
      since[host] = math.min(since[host] or at, at)
    end
  end
end
table.sort(hosts, function(a, b)
  if since[a] ~= since[b] then return since[a] < since[b] end
  return a < b
end)

for _, host in ipairs(hosts) do
  if #answer > limit then break end
  local record = redis.call('HMGET', P .. 'host:' .. host, 'token', 'last')
  if not record[1] then
    local taken
    if record[2] == 'feeds' then
      taken = take_article(host) or (polling and take_feed(host))
    else
      taken = (polling and take_feed(host)) or take_article(host)
    end
    if not taken then
      for _, kind in ipairs(KINDS) do
        if redis.call('EXISTS', queue_of(kind, host)) == 0 then
          redis.call('ZREM', P .. 'hosts:ready:' .. kind, host)
        end
      end
    end
  end
end
return answer
