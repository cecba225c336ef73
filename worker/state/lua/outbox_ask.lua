#!lua flags=allow-oom
-- include: _base
-- Is an index batch wanted? When enough items are undelivered, or the oldest of them waited long enough, or something
-- was left idle; and not while `most` asks are unanswered. An ask that got lost is forgotten after 10 s.
-- ARGV: batch items, wait ms, idle ms, most -> 1 (the ask is noted) or 0
local stream, asks = P .. 'outbox', P .. 'index:asks'
local batch, most = tonumber(ARGV[2]), tonumber(ARGV[5])
local items = redis.call('XLEN', stream)
local asked = tonumber(redis.call('GET', asks) or 0)
if items == 0 or asked >= most then return 0 end
redis.pcall('XGROUP', 'CREATE', stream, 'index', '0')
local delivered = redis.call('XPENDING', stream, 'index')[1]
local left = items - delivered - asked * batch -- what no ask covers yet
local wanted = left >= batch
if not wanted and left > 0 then
  local last = '0-0'
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    for i = 1, #group, 2 do
      if group[i] == 'last-delivered-id' then last = group[i + 1] end
    end
  end
  local first = redis.call('XRANGE', stream, '(' .. last, '+', 'COUNT', 1)[1]
  wanted = first and wall - tonumber(string.match(first[1], '^%d+')) >= tonumber(ARGV[3])
end
if not wanted and asked == 0 and delivered > 0 then
  wanted = #redis.call('XPENDING', stream, 'index', 'IDLE', ARGV[4], '-', '+', 1) > 0
end
if not wanted then return 0 end
redis.call('INCR', asks)
redis.call('PEXPIRE', asks, 10000)
return 1
