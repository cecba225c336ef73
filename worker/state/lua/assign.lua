#!lua flags=allow-oom
-- include: _base _epochs _seen _record _near _decide _story
-- Which story and revision this version of an article is: look up, verify, decide and commit in one script, so two
-- workers never open the same story twice. The same content again gets the same answer; it is `unchanged` only after
-- it was delivered (finish.lua), so a worker that died between the two loses nothing. Other content is the next
-- revision; it stays in its story unless it is another text altogether.
-- ARGV: 16-byte id, ms of an epoch, content, exact ('' for none), now in ms, language, site, sketch, tau, anchors,
--   segments, facts, words, rules as JSON
-- -> {story, lead, revision, first seen ms, unchanged, containment, digest, story to merge with or ''}
local raw, length, content, exact = ARGV[2], tonumber(ARGV[3]), string.sub(ARGV[4], 1, CONTENT_BYTES), ARGV[5]
local epoch = epoch_at(length)
local function root(story) return root_of(story, epoch, length) end

local function answer(r, lead, unchanged, hint)
  return {
    r.story, lead, r.revision, digits(r.first_seen), unchanged and 1 or 0, r.containment, r.digest and 1 or 0,
    hint or '',
  }
end

local r = load_record(raw, epoch, length)
if r and r.content == content then
  r.story = root(r.story)
  return answer(r, (lead_of(r.story, epoch, length)), r.delivered, nil)
end

local rules = cjson.decode(ARGV[15])
local near_epoch = epoch_at(rules.epoch_ms)
local ttl = (near_epoch + 2) * rules.epoch_ms - now
local doc = new_doc(ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12], ARGV[13],
  tonumber(ARGV[14]))

-- How much of the text its representative shows, in thousandths.
local function covered_by(shared, ours)
  return ours > 0 and 1000 * #shared / ours or 0
end

-- The next version of a known article: is it still the same text?
local keep, covered = r ~= nil, nil
if r then
  local old = #doc.hashes > 0 and load_rep(doc.language, r.rep) or nil
  if old then
    local containment, shared, ours = compare(doc, old, rules)
    keep = containment >= rules.keep_revision or #doc.hashes < rules.min_compared
    covered = covered_by(shared, ours)
  end
end

local known = exact ~= '' and refresh('exact', exact, near_epoch, EXACT_LIVE, rules.epoch_ms) or nil
local tables, best, digest, hint = nil, nil, false, nil
local function open_tables()
  tables = tables or {open_table(doc.language, near_epoch), open_table(doc.language, near_epoch - 1)}
  return tables
end
if keep then
  best = {story = root(r.story), containment = r.containment, rep = {number = r.rep}, covered = covered or 1000}
elseif known then
  local a, b, c = string.byte(known, 17, 19)
  local number = (a * 256 + b) * 256 + c
  best = {story = root(string.sub(known, 1, 16)), containment = 1000, rep = {number = number}, covered = 1000}
elseif #doc.hashes > 0 then
  best, digest, hint = decide(doc, open_tables(), r and r.rep or NONE, root, rules)
  if best then best.covered = covered_by(best.shared, best.ours) end
end

-- Commit.
local before = r
if r then
  r.revision = r.revision + 1
else
  r = {revision = 1, first_seen = tonumber(ARGV[6]), words = 0, rep = NONE, names = false}
end
r.content, r.delivered = content, false
if not keep then
  local named = before and before.names
  if best then
    r.story, r.containment = best.story, best.containment
  elseif named then
    -- Its id names the story of its old text, which others may be in: the new text's story needs another name.
    local hex = string.sub(redis.sha1hex(raw .. r.revision), 1, 32)
    r.story = string.gsub(hex, '..', function(pair) return string.char(tonumber(pair, 16)) end)
    r.containment = 1000
    set_lead(r.story, raw, doc.words, tonumber(ARGV[6]), epoch, length)
  else
    r.story, r.containment = raw, 1000
  end
  r.digest = digest
  if before and named then want_settled(raw) end
else
  r.story = best.story
end
r.rep = best and best.rep.number or NONE

if #doc.hashes > 0 and not digest and (not best or best.covered < rules.repost) then
  r.rep = save_rep(open_tables()[1], rep_of(doc, r.story), ttl)
  post(open_tables()[1], doc.anchors, r.rep, rules, ttl)
end
-- What a copy was matched with stays findable as long as copies come.
local matched = best and best.rep.number or NONE
local old = load_rep(doc.language, matched)
if old and old.epoch ~= near_epoch % 65536 then
  open_tables()[1].found = nil  -- that was about other anchors
  local number = save_rep(open_tables()[1], old, ttl)
  post(open_tables()[1], anchors_of_rep(old), number, rules, ttl)
  if r.rep == matched then r.rep = number end
  if known then
    put('exact', exact, r.story .. struct.pack('>I3', r.rep), near_epoch, EXACT_LIVE, rules.epoch_ms)
  end
end

local lead = lead_after(raw, r, doc.words, epoch, length, rules)
put_record(raw, r, epoch, length)
if exact ~= '' and not known and not digest then
  put('exact', exact, r.story .. struct.pack('>I3', r.rep), near_epoch, EXACT_LIVE, rules.epoch_ms)
end
if hint then
  local older, younger = by_age(best.story, hint, epoch, length)
  want_settled(older .. younger)
end
return answer(r, lead, false, hint)
