#!lua flags=allow-oom
-- include: _base _epochs _seen _record _near _decide _story _rebuild _place _erased
-- The provisional article that came first: its story as it would have been, had all been known. When none is left the
-- window is whole. ARGV: token, ms of an epoch, rules as JSON
-- -> {how many are left, -1 when the lease is not ours any more; 1 when one was decided; 1 when its story is another now}
local length = tonumber(ARGV[3])
if redis.call('GET', P .. 'rebuild:lease') ~= ARGV[2] then return {-1, 0, 0} end
local raw = redis.call('ZRANGE', P .. 'rebuild:order', 0, 0)[1]
if not raw then
  redis.call('SET', P .. 'stories:since', WHOLE)
  redis.call('HSET', P .. 'rebuild', 'phase', 'write')
  return {0, 0, 0}
end
local packed = redis.call('HGET', P .. 'rebuild:texts', raw)
strike_off(raw)
local left = redis.call('ZCARD', P .. 'rebuild:order') + 1  -- the next call says that none is
local epoch = epoch_at(length)
local r = load_record(raw, epoch, length)
if not packed or (r and not r.provisional) or is_erased(raw) then return {left, 0, 0} end

local text, rules = cmsgpack.unpack(packed), cjson.decode(ARGV[4])
local near_epoch = epoch_at(rules.epoch_ms)
local function root(story) return root_of(story, epoch, length) end
local doc = new_doc(text.language, text.site, text.sketch, tonumber(text.tau), tonumber(text.anchors), text.segments,
  text.facts, tonumber(text.words))
local t = {
  doc = doc, exact = text.exact, near_epoch = near_epoch, ttl = (near_epoch + 2) * rules.epoch_ms - now, rules = rules,
  root = root, confirmed = true,
}
r = r or {
  story = raw, content = text.content, revision = tonumber(text.revision), first_seen = tonumber(text.first_seen),
  delivered = true, names = true, words = 0, rep = NONE,
}
local before = root(r.story)
local led = lead_of(before, epoch, length) == raw
local mine = r.own and load_rep(doc.language, r.rep) or nil

look_up_exact(t)
local best, digest, hint = find_copied(t, NONE)
if best then
  r.story, r.containment = best.story, best.containment
elseif r.story == raw or not r.names then
  r.story, r.containment = root(raw), 1000
else
  r.story, r.containment = other_name(raw, r.revision), 1000
end
r.digest, r.provisional = digest, false
if r.story == raw then
  r.names, r.lead, r.words = true, nil, doc.words
elseif before == raw then
  r.names, r.lead = false, nil  -- what joined the story that it began is decided for itself
end

local matched = best and best.rep.number or NONE
if mine and digest then
  forget_rep(doc.language, mine)
  r.rep, r.own = NONE, false
elseif mine then
  confirm_rep(doc.language, mine, r.story)
else
  r.rep, r.own = matched, false
  if #doc.hashes > 0 and not digest and (not best or best.covered < rules.repost) then show(t, r) end
end
keep_findable(t, r, matched)
if best or r.story == raw then
  lead_after(raw, r, doc.words, epoch, length, rules)
else
  set_lead(r.story, raw, doc.words, r.first_seen, epoch, length)
end
put_record(raw, r, epoch, length)
if t.exact ~= '' and not t.known and not digest then put_exact(t, r) end
if led and before ~= r.story then want_settled(before) end
if hint then
  local older, younger = by_age(best.story, hint, epoch, length)
  want_settled(older .. younger)
end
redis.call('SADD', P .. 'rebuild:decided', raw)
return {left, 1, before ~= r.story and 1 or 0}
