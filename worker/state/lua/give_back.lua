#!lua flags=allow-oom
-- include: _base _steady _domain _article _feed
-- Claims that nobody works on: as if never claimed, first in their queues; their domains rest for the delay. Those that
-- a worker has begun are left alone, unless that worker itself gives them back ('1': it stops).
-- ARGV: '1' by the worker or '0', delay ms, then (kind, id, token) each -> how many
local by_worker, delay = ARGV[2] == '1', tonumber(ARGV[3])
local back = 0
for i = 4, #ARGV, 3 do
  local kind, id, token = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local owner
  if kind == 'feed' then owner = load_claim(id) else owner = load_article(id) end
  if owner and owner.token == token and (by_worker or not owner.begun) then
    if owner.begun then unlock_all(owner.lane, token, delay) end
    owner.begun = false
    if kind == 'feed' then lose_feed(id, owner, 0) else lose_article(id, owner, 0) end
    back = back + 1
  end
end
return back
