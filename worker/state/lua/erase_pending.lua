#!lua flags=allow-oom
-- include: _base _steady _domain _article _outbox
-- Articles on their way that must go: out of their queues, and out of the hands of the worker that has one: it finds its
-- lease gone, and nothing it brings is taken. Who is being asked stays locked until that request is over.
-- ARGV: (id, payload, event) each -> how many were there
local gone = 0
for i = 2, #ARGV, 3 do
  local id = ARGV[i]
  local m = load_article(id)
  if m then
    drop_article(id)
    redis.call('ZREM', P .. 'articles:queued', id)
    redis.call('ZREM', P .. 'articles:delayed', id)
    redis.call('HDEL', P .. 'articles:again', id)
    local queue = queue_of('articles', m.lane)
    if redis.call('LREM', queue, 0, id) > 0 and redis.call('EXISTS', queue) == 0 then
      leave_line('articles', m.lane)
    end
    append(ARGV[i + 1], false, id)
    count('refused', 'erased')
    tell(ARGV[i + 2])
    gone = gone + 1
  end
end
return gone
