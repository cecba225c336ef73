#!lua
-- include: _base _steady _domain _article _epochs _seen _erased
-- Queue entries in their lanes, mark them seen, count them offered. One that is pending gets its entry replaced (line 2
-- of the payload) and is not counted; where a worker has already read the old one, the article is offered anew when it
-- ends (finish.lua); one that was offered again 10 times in 30 days is left out. What was erased is not taken.
-- ARGV: ms of an epoch, then (id, 16-byte id, place, lane, origin, entry) each -> {how many were taken, erased ids ..}
local length = tonumber(ARGV[2])
local epoch = epoch_at(length)
local taken = 0
redis.call('SET', P .. 'stories:since', digits(now), 'NX')  -- before the first article: see _rebuild.lua
local answer = {0}
for i = 3, #ARGV, 6 do
  local id, raw, lane, origin, entry = ARGV[i], ARGV[i + 1], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5]
  local _, host = words(lane)
  local pending = redis.call('HGET', P .. 'articles:payload', id)
  if is_erased(raw) or is_erased(ARGV[i + 2]) or is_erased_host(host) then
    answer[#answer + 1] = id
  elseif pending then
    local first = string.find(pending, '\n', 1, true)
    local second = string.find(pending, '\n', first + 1, true)
    local journal = second and string.sub(pending, second) or ''
    redis.call('HSET', P .. 'articles:payload', id, string.sub(pending, 1, first) .. entry .. journal)
    if load_article(id).begun then redis.call('HSET', P .. 'articles:again', id, lane) end
  else
    local value, found = find('seen', raw, epoch, SEEN_LIVE)
    local again = 0
    if value then again = seen_count(value, epoch) + 1 end
    if again <= AGAIN then
      if found and found ~= epoch then forget('seen', raw, found) end
      put('seen', raw, seen_value(epoch, again), epoch, SEEN_LIVE, length)
      redis.call('HSET', P .. 'articles:payload', id, origin .. '\n' .. entry)
      redis.call('HINCRBY', P .. 'ledger', 'offered', 1)
      local m = {
        offer = digits(redis.call('INCR', P .. 'offers')), at = digits(wall), attempt = 0, deaths = 0,
        begun = false, token = '-', lane = lane,
      }
      enqueue(id, m, false)
      taken = taken + 1
    end
  end
end
answer[1] = taken
return answer
