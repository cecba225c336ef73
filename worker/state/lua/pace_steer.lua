#!lua flags=allow-oom
-- include: _base
-- Take one step of the pace, unless another scheduler took it. The profile fades by a fiftieth a day.
-- ARGV: ms of the step before ('' for none), ms of this one, threshold, ms steered so far, polls that were counted in
-- -> 1, or 0 when another was first
local last = redis.call('HGET', P .. 'pace', 'at') or ''
if last ~= ARGV[2] then return 0 end
redis.call('HSET', P .. 'pace', 'at', ARGV[3], 'threshold', ARGV[4], 'age', ARGV[5])
redis.call('HINCRBY', P .. 'pace', 'polls', -tonumber(ARGV[6]))
local day = 86400000
if last ~= '' and math.floor(tonumber(last) / day) < math.floor(tonumber(ARGV[3]) / day) then
  local weights = redis.call('HGETALL', P .. 'pace:profile')
  for i = 1, #weights, 2 do
    redis.call('HSET', P .. 'pace:profile', weights[i], string.format('%.6g', tonumber(weights[i + 1]) * 0.98))
  end
end
return 1
