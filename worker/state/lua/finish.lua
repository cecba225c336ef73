#!lua flags=allow-oom
-- include: _base _steady _domain _article _epochs _seen _record _outbox
-- The article's end, all at once: outbox, ledger, payload gone, domains free. A document is counted when it is
-- acknowledged, an event without one here. The record of the version (docs, see assign.lua) becomes `delivered` with
-- the document, so the same content is `unchanged` only once it really is on its way. An article whose entry changed
-- meanwhile is offered anew in the same breath.
-- ARGV: id, lane, token, delay ms, payload, state, reason, event, ('' or 16-byte id, ms of an epoch, revision)
-- -> 1, or 0 when the lease was lost
local id, lane, token, delay = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local m = load_article(id)
unlock_all(lane, token, delay)
if not m or m.token ~= token then return 0 end
local again = redis.call('HGET', P .. 'articles:again', id)
local payload = again and redis.call('HGET', P .. 'articles:payload', id)
drop_article(id)
local raw = ARGV[10]
append(ARGV[6], raw ~= '', id)
if raw == '' then
  count(ARGV[7], ARGV[8])
  tell(ARGV[9])
else
  deliver(raw, tonumber(ARGV[11]), tonumber(ARGV[12]))
end
if again then
  redis.call('HSET', P .. 'articles:payload', id, (string.match(payload, '^[^\n]*\n[^\n]*')))
  redis.call('HINCRBY', P .. 'ledger', 'offered', 1)
  enqueue(id, {
    offer = digits(redis.call('INCR', P .. 'offers')), at = digits(wall), attempt = 0, deaths = 0,
    begun = false, token = '-', lane = again,
  }, false)
end
return 1
