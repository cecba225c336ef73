#!lua flags=allow-oom
-- include: _base _steady _domain _article _feed
-- The worker still has it in hand: leases, and locks that are still held, run on from now.
-- ARGV: feed lease ms, article lease ms, then (kind, id, token) each -> ids that are still theirs
local feed_lease, article_lease = tonumber(ARGV[2]), tonumber(ARGV[3])
local ours = {}
for i = 4, #ARGV, 3 do
  local kind, id, token = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local is_feed = kind == 'feed'
  local owner = is_feed and load_claim(id) or not is_feed and load_article(id)
  if owner and owner.token == token then
    local deadline = now + (is_feed and feed_lease or article_lease)
    redis.call('ZADD', P .. (is_feed and 'feeds:lease' or 'articles:inflight'), digits(deadline), id)
    keep_all(owner.lane, token, deadline)
    ours[#ours + 1] = id
  end
end
return ours
