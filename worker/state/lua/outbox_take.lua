#!lua flags=allow-oom
-- include: _base
-- First what another consumer left idle, then new items. Answers one ask (outbox_ask.lua).
-- ARGV: consumer, limit, idle ms -> {receipt, deliveries, d, payload} ..
local stream, consumer, limit, idle = P .. 'outbox', ARGV[2], tonumber(ARGV[3]), ARGV[4]
local asks = P .. 'index:asks'
if tonumber(redis.call('GET', asks) or 0) > 0 then redis.call('DECR', asks) end
if redis.call('EXISTS', stream) == 0 then return {} end
-- After a loss of Redis the group is gone; it starts again at the stream's beginning.
redis.pcall('XGROUP', 'CREATE', stream, 'index', '0')
local answer = {}
local function give(entries, deliveries)
  for _, entry in ipairs(entries) do
    local fields = entry[2]
    answer[#answer + 1] = {entry[1], deliveries or 1, fields[2], fields[4]}
  end
end
local cursor = '0-0'
repeat
  local left = redis.call('XAUTOCLAIM', stream, 'index', consumer, idle, cursor, 'COUNT', limit - #answer)
  cursor = left[1]
  for _, entry in ipairs(left[2]) do
    local tried = redis.call('XPENDING', stream, 'index', entry[1], entry[1], 1)
    give({entry}, tried[1] and tried[1][4] or 1)
  end
until cursor == '0-0' or #answer >= limit
if #answer < limit then
  local new = redis.call('XREADGROUP', 'GROUP', 'index', consumer, 'COUNT', limit - #answer, 'STREAMS', stream, '>')
  if new then give(new[1][2]) end
end
return answer
