#!lua flags=allow-oom
-- include: _base _steady _domain _article _feed
-- The worker has it in hand: renew lease and lock of what is still its own. Where the domain is no longer ours (the
-- same message came again after the request was over) it is locked anew if it is free and rested, else the work goes
-- back.
-- ARGV: default delay ms, feed lease ms, article lease ms, then (kind, id, token) each
-- -> {{id, payload, meta} ..}, without the last two for feeds
local delay, feed_lease, article_lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local answer = {}
for i = 5, #ARGV, 3 do
  local kind, id, token = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if kind == 'feed' then
    local claim = load_claim(id)
    if claim and claim.token == token then
      if hold(claim.lane, token, now + feed_lease, 'feeds') then
        claim.begun = true
        save_claim(id, claim)
        redis.call('ZADD', P .. 'feeds:lease', digits(now + feed_lease), id)
        answer[#answer + 1] = {id}
      else
        lose_feed(id, claim, delay)
      end
    end
  else
    local m = load_article(id)
    if m and m.token == token then
      if hold(m.lane, token, now + article_lease, 'articles') then
        m.begun = true
        save_article(id, m)
        redis.call('ZADD', P .. 'articles:inflight', digits(now + article_lease), id)
        answer[#answer + 1] = {id, redis.call('HGET', P .. 'articles:payload', id), meta_text(m)}
      else
        lose_article(id, m, delay)
      end
    end
  end
end
return answer
