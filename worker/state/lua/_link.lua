-- Other addresses of articles. Needs _epochs, _seen (SEEN_LIVE) and _record.
--   link:<epoch>:<bucket>   hash of a URL -> id of the article it is another address of (16 bytes), then perhaps the
--     place that said so (16). Lives as long as `seen`. 16 zero bytes: two articles were found there, so it is none's.
--   place:<epoch>:<bucket>  place (`places.py`: a URL without `www.`, AMP marks ..) -> who is there, 62 bytes at most:
--     article's id (16), flags and count (1), the last article that said otherwise (4), evidence of its text (41).
--     Epochs of 4 days, 2 live: variants of one page are met within hours.
-- A place is first taken by whoever is found there or names it as canonical. Another page that claims it is the same
-- article when its text is the same. Where three different articles claim one place it is nobody's canonical, and what
-- was believed because of it is believed no more.
local NOBODY = string.rep('\0', 16)
local NONE4 = string.rep('\0', 4)
local PLACE_LIVE, PLACE_MS = 2, 345600000
local OWN, MANY = 128, 2  -- the article was found at this very place; so many others make it nobody's
local HASH_BYTES, MOST_HASHES = 3, 11

local function place_at(key)
  local text = find('place', key, epoch_at(PLACE_MS), PLACE_LIVE)
  if not text then return nil end
  local flags = string.byte(text, 17)
  return {
    target = string.sub(text, 1, 16), own = flags >= OWN, others = flags % OWN, last = string.sub(text, 18, 21),
    evidence = string.sub(text, 22),
  }
end

local function put_place(key, e)
  local flags = (e.own and OWN or 0) + math.min(e.others, OWN - 1)
  put('place', key, e.target .. string.char(flags) .. e.last .. e.evidence, epoch_at(PLACE_MS), PLACE_LIVE, PLACE_MS)
end

-- The article that this URL is another address of, or nil.
local function article_of(raw, epoch, length)
  local found = nil
  for _ = 1, 4 do
    local text = refresh('link', raw, epoch, SEEN_LIVE, length)
    if not text then break end
    local target, via = string.sub(text, 1, 16), string.sub(text, 17)
    if target == NOBODY then break end
    local e = via ~= '' and place_at(via)
    if e and e.others >= MANY then break end
    found, raw = target, target
  end
  return found
end

local function hashes_of(evidence)
  local found = {}
  for at = 9, #evidence - HASH_BYTES + 1, HASH_BYTES do
    found[#found + 1] = string.sub(evidence, at, at + HASH_BYTES - 1)
  end
  return found
end

-- Two texts are one when they are equal, when nearly all of what is compared of them is, or half of it and the title.
local function same_text(one, other)
  if one == '' or other == '' then return false end
  local exact = string.sub(one, 5, 8)
  if exact ~= NONE4 and exact == string.sub(other, 5, 8) then return true end
  local a, b = hashes_of(one), hashes_of(other)
  if #a == 0 or #b == 0 then return false end
  -- All hashes of a short text are there; of a longer one those up to the last.
  local limit = nil
  for _, hashes in ipairs({a, b}) do
    local last = #hashes == MOST_HASHES and hashes[#hashes] or nil
    if last and (not limit or last < limit) then limit = last end
  end
  local in_b, shared, of_a, of_b = {}, 0, 0, 0
  for _, hash in ipairs(b) do
    if not limit or hash <= limit then in_b[hash], of_b = true, of_b + 1 end
  end
  for _, hash in ipairs(a) do
    if not limit or hash <= limit then
      of_a = of_a + 1
      if in_b[hash] then shared = shared + 1 end
    end
  end
  local least = math.min(of_a, of_b)
  if shared >= 4 and shared >= 0.9 * least then return true end
  local title = string.sub(one, 1, 4)
  return title ~= NONE4 and title == string.sub(other, 1, 4) and shared >= 3 and shared >= 0.5 * least
end

-- `who` names this place as its own with another text than stands there.
local function claim_in_vain(key, e, who)
  who = string.sub(who, 1, 4)
  if e.last ~= who then
    e.others, e.last = e.others + 1, who
    put_place(key, e)
  end
end

-- From now on `raw` is another address of the article. What is an article itself stays one; where another article was
-- found at this address before, it is none's.
local function link(raw, article, via, epoch, length)
  if raw == article or find('docs', raw, epoch, SEEN_LIVE) then return end
  if article_of(raw, epoch, length) == article then return end
  local before = find('link', raw, epoch, SEEN_LIVE)
  if before and string.sub(before, 1, 16) ~= article then article, via = NOBODY, '' end
  put('link', raw, article .. via, epoch, SEEN_LIVE, length)
end
