-- docs:<epoch>:<bucket>   what is known of an article's newest version; lives as long as `seen`. 58 bytes:
--   story's id (16), exact hash (16, zeros: none), content hash (16), revision (4), first seen in ms (5+1), delivered (1)
-- exact:<epoch>:<bucket>  exact hash -> story's id; epochs of 4 days, 2 live: a window of 4 to 8 days since the last use
local RECORD = '>c16c16c16I4I6B'
local NO_EXACT = string.rep('\0', 16)
local EXACT_LENGTH = 4 * 86400000
local EXACT_LIVE = 2

local function unpack_record(text)
  local story, exact, content, revision, first_seen, delivered = struct.unpack(RECORD, text)
  return {
    story = story, exact = exact, content = content, revision = revision, first_seen = first_seen,
    delivered = delivered == 1,
  }
end

local function put_record(raw, r, epoch, length)
  local text = struct.pack(RECORD, r.story, r.exact, r.content, r.revision, r.first_seen, r.delivered and 1 or 0)
  put('docs', raw, text, epoch, SEEN_LIVE, length)
end

local function load_record(raw, epoch, length)
  local text = refresh('docs', raw, epoch, SEEN_LIVE, length)
  return text and unpack_record(text) or nil
end

local function deliver(raw, length, revision)
  local epoch = epoch_at(length)
  local r = load_record(raw, epoch, length)
  if r and r.revision == revision and not r.delivered then
    r.delivered = true
    put_record(raw, r, epoch, length)
  end
end

local function post_exact(exact, story)
  put('exact', exact, story, epoch_at(EXACT_LENGTH), EXACT_LIVE, EXACT_LENGTH)
end
