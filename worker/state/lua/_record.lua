-- docs:<epoch>:<bucket>   what is known of an article's newest version; lives as long as `seen`. 42 bytes:
--   story's id (16), content hash (8), revision (4), first seen in ms (5+1), flags (1), representative (3), containment
--   in thousandths (2), words of the story's lead (2, only where this article names the story), then perhaps
--   the lead's id (16): where it is another document than the one that names the story.
--   58 bytes at most: above 64 a small hash would become a large one.
-- exact:<epoch>:<bucket>  exact hash -> story's id, representative (3), 1 byte more when provisional; epochs of 4 days, 2 live: a
--   window of 4 to 8 days since the last use
-- alias:<epoch>:<bucket>  story's id -> id of the older story that it was merged into; `aliases` exists while any does
local RECORD = '>c16c8I4I6BI3I2I2'
local RECORD_BYTES = 42
local CONTENT_BYTES = 8  -- tells the versions of one article apart
local EXACT_LIVE = 2
local DELIVERED, DIGEST, NAMES, PROVISIONAL, OWN = 1, 2, 4, 8, 16  -- OWN: the representative is this article's
local EXACT_BYTES = 19

local function has(flags, bit)
  return math.floor(flags / bit) % 2 == 1
end

local function put_record(raw, r, epoch, length)
  local flags = (r.delivered and DELIVERED or 0) + (r.digest and DIGEST or 0) + (r.names and NAMES or 0)
    + (r.provisional and PROVISIONAL or 0) + (r.own and OWN or 0)
  local text = struct.pack(RECORD, r.story, r.content, r.revision, r.first_seen, flags, r.rep, r.containment, r.words)
  put('docs', raw, text .. (r.lead or ''), epoch, SEEN_LIVE, length)
end

local function load_record(raw, epoch, length)
  local text = refresh('docs', raw, epoch, SEEN_LIVE, length)
  if not text or (#text ~= RECORD_BYTES and #text ~= RECORD_BYTES + 16) then return nil end
  local story, content, revision, first_seen, flags, rep, containment, words = struct.unpack(RECORD, text)
  return {
    story = story, content = content, revision = revision, first_seen = first_seen, rep = rep,
    containment = containment, words = words, delivered = has(flags, DELIVERED), digest = has(flags, DIGEST),
    names = has(flags, NAMES), provisional = has(flags, PROVISIONAL), own = has(flags, OWN),
    lead = #text > RECORD_BYTES and string.sub(text, -16) or nil,
  }
end

local function deliver(raw, length, revision)
  local epoch = epoch_at(length)
  local r = load_record(raw, epoch, length)
  if r and r.revision == revision and not r.delivered then
    r.delivered = true
    put_record(raw, r, epoch, length)
  end
end

-- The story that this one is part of today: itself, or the older one it was merged into.
local function root_of(story, epoch, length)
  if redis.call('EXISTS', P .. 'aliases') == 0 then return story end
  local passed = {}
  local next = refresh('alias', story, epoch, SEEN_LIVE, length)
  while next do
    passed[#passed + 1] = story
    story = next
    next = refresh('alias', story, epoch, SEEN_LIVE, length)
  end
  for i = 1, #passed - 1 do put('alias', passed[i], story, epoch, SEEN_LIVE, length) end  -- a long way is gone once
  return story
end

-- What to do about a story's documents in the index, until a task has done it: settle = sorted set, work -> ms when asked for.
-- A story's id (16 bytes): its documents must agree on their lead. Two (32): the second is to be merged into the first.
local function want_settled(work)
  redis.call('ZADD', P .. 'settle', digits(now), work)
end
