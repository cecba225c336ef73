#!lua flags=allow-oom
-- include: _base
-- Subscriptions whose time has come, each for one subscriber: the others see it again after the lease.
-- ARGV: most, lease ms -> {token, record ..}
local found = redis.call('ZRANGE', P .. 'websub:due', '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, ARGV[2])
local answer = {}
for _, token in ipairs(found) do
  local record = redis.call('HGET', P .. 'websub:records', token)
  if record then
    redis.call('ZADD', P .. 'websub:due', digits(now + tonumber(ARGV[3])), token)
    answer[#answer + 1] = record
  else
    redis.call('ZREM', P .. 'websub:due', token)
  end
end
return answer
