-- Who leads a story: the first, fullest text. The record of the article that names the story knows.
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

-- The article's text, now `words` long, is in the story: it leads when it is much longer than what leads so far.
-- `r` is the article's own record, which the caller writes; -> the lead's id
local function lead_after(raw, r, words, epoch, length, rules)
  if r.story == raw then
    r.names = true
    if not r.lead then
      r.words = words
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
  if not naming then return lead end
  if lead == raw then
    naming.words = words
  elseif words * 1000 > naming.words * rules.lead_growth then
    naming.lead, naming.words = raw, words
    lead = raw
    want_settled(r.story)
  else
    return lead
  end
  put_record(r.story, naming, epoch, length)
  return lead
end

-- The older of two stories first: by the first appearance of the article that names it, as far as that is known.
local function by_age(one, other, epoch, length)
  local _, a = lead_of(one, epoch, length)
  local _, b = lead_of(other, epoch, length)
  local first, second = a and a.first_seen or 0, b and b.first_seen or 0
  if first < second or (first == second and one < other) then return one, other end
  return other, one
end
