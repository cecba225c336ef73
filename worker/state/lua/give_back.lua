#!lua flags=allow-oom
-- include: _base _host _article _feed
-- Claims that could not be handed to a worker: as if never claimed, first in their queues. Those begun are left alone.
-- ARGV: (kind, id, token) each -> how many
local back = 0
for i = 2, #ARGV, 3 do
  local kind, id, token = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if kind == 'feed' then
    local claim = load_claim(id)
    if claim and claim.token == token and not claim.begun then
      lose_feed(id, claim, 0)
      back = back + 1
    end
  else
    local m = load_article(id)
    if m and m.token == token and not m.begun then
      lose_article(id, m, 0)
      back = back + 1
    end
  end
end
return back
