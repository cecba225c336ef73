#!lua
-- include: _base _epochs _seen _record _near _decide _story _rebuild _place _erased
-- Teach a document that the index holds: its record, and, while its story is open, how copies find it. What is known
-- for certain stays: a record of a later revision, an exact hash that leads somewhere, a representative that is posted.
-- What was decided here provisionally gives way to a document of before.
-- ARGV: 16-byte id, ms of an epoch, content, exact ('' for none), story, its lead ('' where unknown), revision, first
--   seen ms, ms of this version, ms when its text was last met, language, site, sketch, tau, anchors, segments, facts,
--   words, words as a lead, containment, '1' for a digest, who is right where another story is known: '' what is known
--   for certain, 'i' the index, 'h' the index, and what joined its article meanwhile goes along; rules as JSON; host
-- -> 1, or 0 when it was left as it is, or was erased
local raw, length, content, exact = ARGV[2], tonumber(ARGV[3]), string.sub(ARGV[4], 1, CONTENT_BYTES), ARGV[5]
local story, lead, revision, first_seen = ARGV[6], ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local version, met, language, words = tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12], math.min(tonumber(ARGV[20]), 65535)
local containment, digest, right, rules = tonumber(ARGV[21]), ARGV[22] == '1', ARGV[23], cjson.decode(ARGV[24])
if is_erased(raw) or is_erased_host(ARGV[25]) then return 0 end
if is_erased(lead) then lead = '' end
local UNKNOWN_LENGTH = 65535  -- of a lead that is known by its id alone: none takes its place
local SAME_STORY = 700  -- containment at which a story that was begun in ignorance of this one is taken for it
local epoch, near_epoch = epoch_at(length), epoch_at(rules.epoch_ms)
local function root(name) return root_of(name, epoch, length) end
story = root(story)

local r = load_record(raw, epoch, length)
local provisional = r and r.provisional
if r and not provisional and r.revision > revision then return 0 end
if not r and math.floor(met / length) <= epoch - SEEN_LIVE then return 0 end
local since = tonumber(redis.call('GET', P .. 'stories:since') or 0)
if provisional and right == '' and since > 0 and (version >= since or first_seen >= since) then
  if r.revision == revision then
    r.content, r.delivered = content, true
    put_record(raw, r, epoch, length)
  end
  return 0
end

local doc = new_doc(language, ARGV[13], ARGV[14], tonumber(ARGV[15]), tonumber(ARGV[16]), ARGV[17], ARGV[18],
  tonumber(ARGV[19]))
local shown = r and load_rep(language, r.rep) or nil

-- Fetched meanwhile, taken for new, and another text by now: that is decided for itself.
local another = false
if provisional and shown and r.content ~= content then
  local alike = compare(doc, shown, rules)
  another = #doc.hashes >= rules.min_compared and alike < rules.keep_revision
end

local known = r and root(r.story)
if r and not provisional and right == '' and r.revision == revision then story = known end
if r and known ~= story and not another and (provisional or right == 'h') then
  local _, naming = lead_of(known, epoch, length)
  if (known == raw and r.names) or (naming and naming.provisional and r.containment >= SAME_STORY) then
    merge_into(story, known, rules.lead_growth, epoch, length)
    want_settled(story .. known)
  end
end

-- How copies find it.
local born = math.min(math.floor(met / rules.epoch_ms), near_epoch)
local open = born >= near_epoch - 1 and not digest
local rep, own = NONE, false
if shown and r.own and not another then
  confirm_rep(language, shown, story)
  rep, own = r.rep, true
elseif shown and not provisional then
  rep = r.rep
elseif open and #doc.hashes > 0 then
  local tables = {open_table(language, near_epoch), open_table(language, near_epoch - 1)}
  -- Who came first or leads was kept to compare with, whatever is known by now.
  if lead ~= raw and story ~= raw then rep = shown_by(doc, tables, story, root, rules) end
  if rep == NONE then
    local t, ttl = tables[near_epoch - born + 1], (born + 2) * rules.epoch_ms - now
    rep, own = save_rep(t, rep_of(doc, story), ttl), true
    post(t, doc.anchors, rep, rules, ttl)
  end
end
if open and exact ~= '' then
  local before, found = find('exact', exact, near_epoch, EXACT_LIVE)
  if not before or #before > EXACT_BYTES then
    put('exact', exact, story .. struct.pack('>I3', rep), found or born, EXACT_LIVE, rules.epoch_ms)
  end
end

if another then
  r.revision, r.first_seen = revision + 1, first_seen
  if story == raw and r.story == raw then
    r.story = other_name(raw, r.revision)
    set_lead(r.story, raw, r.words, first_seen, epoch, length)
    want_settled(raw)
  end
  put_record(raw, r, epoch, length)
  return 1
end
if provisional then strike_off(raw) end

-- Its record. A version that was fetched meanwhile and is on its way to the index is the next one.
local meanwhile = provisional and r.content ~= content
local after = {
  story = story, content = meanwhile and r.content or content, revision = meanwhile and revision + 1 or revision,
  first_seen = first_seen, delivered = not meanwhile or r.delivered, digest = digest, rep = rep, own = own,
  names = story == raw or (r and r.names), containment = containment, words = r and r.words or 0, lead = r and r.lead or nil,
}

-- Who leads is known for certain, unless that is one whose own place is not.
local function keeps_its_lead(naming)
  if not naming or not naming.names or right ~= '' or naming.words == UNKNOWN_LENGTH then return false end
  local leading = naming.lead and load_record(naming.lead, epoch, length)
  return not naming.provisional and not (leading and leading.provisional)
end

if story == raw and not (r and r.story == raw and keeps_its_lead(r)) then
  if lead == raw or lead == '' then
    after.lead, after.words = nil, words
  else
    after.lead, after.words = lead, r and r.lead == lead and r.words or UNKNOWN_LENGTH
  end
end
put_record(raw, after, r and epoch or math.min(epoch, math.floor(met / length)), length)
if story ~= raw and lead ~= '' then
  local naming = load_record(story, epoch, length)
  if lead == raw and not keeps_its_lead(naming) then
    set_lead(story, raw, words, first_seen, epoch, length)
  elseif not naming then
    set_lead(story, lead, UNKNOWN_LENGTH, first_seen, epoch, length)
  end
end
return 1
