#!lua flags=no-writes
-- include: _base
-- The work that waits longest. ARGV: limit -> {work, when it was asked for in ms, for how long it waits in ms ..}
local answer = {}
local found = redis.call('ZRANGE', P .. 'settle', 0, tonumber(ARGV[2]) - 1, 'WITHSCORES')
for i = 1, #found, 2 do
  answer[#answer + 1] = found[i]
  answer[#answer + 1] = found[i + 1]
  answer[#answer + 1] = digits(now - tonumber(found[i + 1]))
end
return answer
