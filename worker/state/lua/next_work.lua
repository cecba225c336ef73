#!lua flags=no-writes
-- include: _base _steady
-- When can anything go on? Feeds that are due later are no work yet.
-- -> ms from now, 0 while something is under way, -1 when nothing waits at all
local function at_least_one(name, before)
  return redis.call('ZCOUNT', P .. name, '-inf', before) > 0
end
if at_least_one('articles:inflight', '+inf') or at_least_one('feeds:lease', '+inf')
  or at_least_one('domains:locked', '+inf') or at_least_one('feeds:due', digits(now)) then
  return 0
end
local soonest
for _, name in ipairs({'articles:delayed', 'domains:ready:feeds', 'domains:ready:articles', 'addresses:wake'}) do
  local first = redis.call('ZRANGE', P .. name, 0, 0, 'WITHSCORES')
  if first[2] then soonest = math.min(soonest or math.huge, tonumber(first[2])) end
end
return soonest and math.max(0, soonest - now) or -1
