#!lua
-- include: _base
-- These were summed up as they were at a change; what changed again since stays. ARGV: (story, its change)... -> how many went
local names, gone = P .. 'stories:changed', 0
for i = 2, #ARGV, 2 do
  if redis.call('ZSCORE', names, ARGV[i]) == ARGV[i + 1] then gone = gone + redis.call('ZREM', names, ARGV[i]) end
end
return gone
