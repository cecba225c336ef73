#!lua flags=no-writes
-- include: _base _steady _domain _article
-- Where an article is now. ARGV: id -> {place, payload, meta}, or nothing
local id = ARGV[2]
local m = load_article(id)
if not m then return {} end
for place, name in pairs({queued = 'queued', delayed = 'delayed', in_flight = 'inflight'}) do
  if redis.call('ZSCORE', P .. 'articles:' .. name, id) then
    return {place, redis.call('HGET', P .. 'articles:payload', id), meta_text(m)}
  end
end
return {}
