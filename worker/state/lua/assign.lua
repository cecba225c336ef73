#!lua flags=allow-oom
-- include: _base _epochs _seen _record _near _decide _story _rebuild _place _erased
-- Which story and revision this version of an article is: look up, verify, decide and commit in one script, so two
-- workers never open the same story twice. The same content again gets the same answer; it is `unchanged` only after
-- it was delivered (finish.lua), so a worker that died between the two loses nothing. Other content is the next
-- revision; it stays in its story unless it is another text altogether.
-- ARGV: 16-byte id, ms of an epoch, content, exact ('' for none), now in ms, language, site, sketch, tau, anchors,
--   segments, facts, words, rules as JSON, the site's host
-- -> {} when the article was erased, or {story, lead, revision, first seen ms, unchanged, containment, digest, story to
--   merge with or '', provisional}
local raw, length, content, exact = ARGV[2], tonumber(ARGV[3]), string.sub(ARGV[4], 1, CONTENT_BYTES), ARGV[5]
if is_erased(raw) or is_erased_host(ARGV[16]) then return {} end
local epoch = epoch_at(length)
local function root(story) return root_of(story, epoch, length) end

local function answer(r, lead, unchanged, hint)
  return {
    r.story, lead, r.revision, digits(r.first_seen), unchanged and 1 or 0, r.containment, r.digest and 1 or 0,
    hint or '', r.provisional and 1 or 0,
  }
end

local r = load_record(raw, epoch, length)
if r and r.content == content then
  r.story = root(r.story)
  return answer(r, (lead_of(r.story, epoch, length)), r.delivered, nil)
end

local rules = cjson.decode(ARGV[15])
local near_epoch = epoch_at(rules.epoch_ms)
local provisional, rebuilding, confirmed = knowledge(rules.epoch_ms, tonumber(ARGV[6]))
local doc = new_doc(ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12], ARGV[13],
  tonumber(ARGV[14]))
local t = {
  doc = doc, exact = exact, near_epoch = near_epoch, ttl = (near_epoch + 2) * rules.epoch_ms - now, rules = rules,
  root = root, confirmed = confirmed,
}

-- The next version of a known article: is it still the same text? One that was erased is only the name of a story.
local erased = r ~= nil and r.revision == 0
local keep, covered = r ~= nil and not erased, nil
if keep then
  local old = #doc.hashes > 0 and load_rep(doc.language, r.rep) or nil
  if old then
    local containment, shared, ours = compare(doc, old, rules)
    keep = containment >= rules.keep_revision or #doc.hashes < rules.min_compared
    covered = covered_by(shared, ours)
  elseif #doc.hashes > 0 and r.rep ~= NONE then
    covered = 0  -- what showed its text is forgotten: copies of the present one are to find it
  end
end

look_up_exact(t)
local best, digest, hint = nil, false, nil
if keep then
  best = {story = root(r.story), containment = r.containment, rep = {number = r.rep}, covered = covered or 1000}
else
  best, digest, hint = find_copied(t, r and r.rep or NONE)
end

-- Commit.
local before = r
if r then
  r.revision = r.revision + 1
else
  r = {revision = 1, first_seen = tonumber(ARGV[6]), words = 0, names = false}
end
r.content, r.delivered = content, false
if not keep then
  local named = before and before.names and not (erased and before.lead == NO_LEAD)
  if best then
    r.story, r.containment = best.story, best.containment
  elseif named or (before and root(raw) ~= raw) then
    -- One that was erased begins with revision 1 again.
    r.story, r.containment = other_name(raw, r.revision .. (erased and digits(now) or '')), 1000
    set_lead(r.story, raw, doc.words, tonumber(ARGV[6]), epoch, length)
  else
    r.story, r.containment = raw, 1000
  end
  r.digest, r.own, r.provisional = digest, false, provisional and exact ~= ''
  if before and named then want_settled(raw) end
else
  r.story = best.story
end
local matched = best and best.rep.number or NONE
r.rep = matched
if #doc.hashes > 0 and not digest and (not best or best.covered < rules.repost) then show(t, r) end
keep_findable(t, r, matched)

local lead = lead_after(raw, r, doc.words, epoch, length, rules, rebuilding and r.provisional)
put_record(raw, r, epoch, length)
if exact ~= '' and not t.known and not digest then put_exact(t, r) end
if rebuilding and r.provisional then
  enlist(raw, now, {
    content = content, exact = exact, language = ARGV[7], site = ARGV[8], sketch = ARGV[9], tau = ARGV[10],
    anchors = ARGV[11], segments = ARGV[12], facts = ARGV[13], words = ARGV[14], first_seen = digits(r.first_seen),
    revision = r.revision,
  }, not keep)
elseif hint then  -- of what is decided again the merger would be found again
  local older, younger = by_age(best.story, hint, epoch, length)
  want_settled(older .. younger)
end
return answer(r, lead, false, hint)
