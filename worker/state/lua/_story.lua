-- Who leads a story: the first, fullest text. The record of the article that names the story knows. Where the lead was
-- erased it is NO_LEAD until the next text of the story comes, or its documents are settled.
local NO_LEAD = string.rep('\0', 16)

local function lead_of(story, epoch, length)
  local r = load_record(story, epoch, length)
  return r and r.lead or story, r
end

-- `words` is the length of the lead's text. A story may be named by a hash that no article has: then it gets a record.
local function set_lead(story, lead, words, first_seen, epoch, length)
  local naming = load_record(story, epoch, length) or {
    story = story, content = string.rep('\0', 8), revision = 0, first_seen = first_seen, rep = NONE,
    containment = 1000, delivered = true,
  }
  naming.names, naming.words, naming.lead = true, words, lead ~= story and lead or nil
  put_record(story, naming, epoch, length)
end

-- For an article whose id names the story of its old text, which others may be in: the new text's story needs another.
local function other_name(raw, revision)
  local hex = string.sub(redis.sha1hex(raw .. revision), 1, 32)
  return (string.gsub(hex, '..', function(pair) return string.char(tonumber(pair, 16)) end))
end

-- The article's text, now `words` long, is in the story: it leads when it is much longer than what leads so far.
-- `r` is the article's own record, which the caller writes; `waits`: its own place is decided again, and then who leads;
-- -> the lead's id
local function lead_after(raw, r, words, epoch, length, rules, waits)
  if r.story == raw then
    r.names = true
    if not r.lead or r.lead == NO_LEAD then
      r.words, r.lead = words, nil
      return raw
    end
    if words * 1000 > r.words * rules.lead_growth then
      r.lead, r.words = nil, words
      want_settled(raw)
      return raw
    end
    return r.lead
  end
  local lead, naming = lead_of(r.story, epoch, length)
  if not naming or (waits and not naming.provisional and lead ~= NO_LEAD) then return lead end
  if lead == raw then
    naming.words = words
  elseif lead == NO_LEAD or words * 1000 > naming.words * rules.lead_growth then
    naming.lead, naming.words = raw, words
    lead = raw
    want_settled(r.story)
  else
    return lead
  end
  put_record(r.story, naming, epoch, length)
  return lead
end

-- The younger story is the older one from now on; the fuller lead leads both.
local function merge_into(older, younger, growth, epoch, length)
  local lead, taken = lead_of(younger, epoch, length)
  local _, kept = lead_of(older, epoch, length)
  put('alias', younger, older, epoch, SEEN_LIVE, length)
  redis.call('SET', P .. 'aliases', '1', 'PX', digits((SEEN_LIVE + 1) * length))
  if taken and kept and taken.words * 1000 > kept.words * growth then
    set_lead(older, lead, taken.words, kept.first_seen, epoch, length)
  end
end

-- The older of two stories first: by the first appearance of the article that names it, as far as that is known.
local function by_age(one, other, epoch, length)
  local _, a = lead_of(one, epoch, length)
  local _, b = lead_of(other, epoch, length)
  local first, second = a and a.first_seen or 0, b and b.first_seen or 0
  if first < second or (first == second and one < other) then return one, other end
  return other, one
end
