#!lua
-- include: _base _epochs _seen _record _near _decide _story
-- Teach a document that the index holds: its record, and, while its story is open, how copies find it. What is known
-- already stays: a record of a later revision, an exact hash that leads somewhere, a representative that is posted.
-- ARGV: 16-byte id, ms of an epoch, content, exact ('' for none), story, revision, first seen ms, language, site,
--   sketch, tau, anchors, segments, facts, words, containment, '1' when it leads, '1' for a digest, rules as JSON
local raw, length, exact, story, revision = ARGV[2], tonumber(ARGV[3]), ARGV[5], ARGV[6], tonumber(ARGV[7])
local first_seen, words, containment = tonumber(ARGV[8]), tonumber(ARGV[16]), tonumber(ARGV[17])
local leads, digest, rules = ARGV[18] == '1', ARGV[19] == '1', cjson.decode(ARGV[20])
local epoch, near_epoch = epoch_at(length), epoch_at(rules.epoch_ms)
story = root_of(story, epoch, length)

local r = load_record(raw, epoch, length)
if r and r.revision > revision then return 0 end
local rep = r and r.rep or NONE
local born = math.min(math.floor(first_seen / rules.epoch_ms), near_epoch)
if born >= near_epoch - 1 and not digest then
  local stands_alone = leads or containment < rules.repost
  if ARGV[11] ~= '' and stands_alone and not load_rep(ARGV[9], rep) then
    local doc = new_doc(ARGV[9], ARGV[10], ARGV[11], tonumber(ARGV[12]), tonumber(ARGV[13]), ARGV[14], ARGV[15], words)
    local ttl = (born + 2) * rules.epoch_ms - now
    local t = open_table(doc.language, born)
    rep = save_rep(t, rep_of(doc, story), ttl)
    post(t, doc.anchors, rep, rules, ttl)
  end
  if exact ~= '' and not find('exact', exact, near_epoch, EXACT_LIVE) then
    put('exact', exact, story .. struct.pack('>I3', rep), born, EXACT_LIVE, rules.epoch_ms)
  end
end
words = math.min(words, 65535)
put_record(raw, {
  story = story, content = string.sub(ARGV[4], 1, CONTENT_BYTES), revision = revision, first_seen = first_seen, delivered = true,
  digest = digest, names = story == raw or (r and r.names), rep = rep, containment = containment,
  words = leads and story == raw and words or (r and r.words) or words, lead = not leads and r and r.lead or nil,
}, epoch, length)
if leads and story ~= raw then set_lead(story, raw, words, first_seen, epoch, length) end
return 1
