-- Which story a text belongs to. Nothing is written here.
-- doc: sketch, hashes (list), at (hash -> its segment), tau, facts, words, site, anchors

local NAMES_FROM = 32768

local function new_doc(language, site, sketch, tau, count, segments, facts, words)
  local doc = {
    language = language, site = site, sketch = sketch, tau = tau, facts = facts, words = math.min(words, 65535),
    hashes = parse_hashes(sketch), anchors = parse_anchors(sketch, count), at = {}, segments = segments,
  }
  for i = 1, #doc.hashes do doc.at[doc.hashes[i]] = string.byte(segments, i) end
  return doc
end

local function facts_of(text, first, last)
  local places, n = {}, 0
  for at = first, last, 4 do
    local a, b, c, d = string.byte(text, at, at + 3)
    n = n + 1
    places[n] = {a * 256 + b, c * 256 + d}
  end
  return places
end

local function other_filling(common, other, least, rules)
  return other >= least and other * 1000 >= common * rules.disagree_share
end

-- Two fillings of one template, or two states of one table: other numbers and dates, or other names, at the same places.
-- Compared up to the place to which both texts are complete; numbers and dates have the places below NAMES_FROM.
local function disagree(doc, rep, rules)
  if rep.facts == 0 or #doc.facts == 0 then return false end
  if not doc.places then
    doc.places = {}
    doc.facts_end = 65536
    local list = facts_of(doc.facts, 1, #doc.facts)
    for i = 1, #list do doc.places[list[i][1]] = list[i][2] end
    if #list >= rules.fact_max then doc.facts_end = list[#list][1] end
  end
  local list = facts_of(rep.text, REP_BYTES + rep.hashes * 3 + 1, REP_BYTES + rep.hashes * 3 + rep.facts * 4)
  local numbers, other_numbers, names, other_names = 0, 0, 0, 0
  for i = 1, #list do
    local place = list[i][1]
    if place > doc.facts_end then break end
    local value = doc.places[place]
    if value then
      local other = value ~= list[i][2] and 1 or 0
      if place < NAMES_FROM then
        numbers, other_numbers = numbers + 1, other_numbers + other
      else
        names, other_names = names + 1, other_names + other
      end
    end
  end
  local short = math.min(doc.words, rep.words) < rules.short_words
  return other_filling(numbers, other_numbers, short and rules.disagree_short or rules.disagree_long, rules)
    or other_filling(names, other_names, rules.disagree_long, rules)
end

-- -> containment in thousandths (0 where there is too little to compare), hashes in common, the doc's own under the
-- common threshold, how far those in common are spread over the smaller text and over the larger (thousandths of what
-- chance would give), the other's own
local function compare(doc, rep, rules)
  local limit = math.floor(math.min(doc.tau, rep.tau) / 256)
  local shared, theirs, where = {}, 0, {}
  local text, at = rep.text, doc.at
  for i = REP_BYTES + 1, REP_BYTES + rep.hashes * 3, 3 do
    local a, b, c = string.byte(text, i, i + 2)
    local hash = (a * 256 + b) * 256 + c
    if hash > limit then break end
    theirs = theirs + 1
    if at[hash] then
      shared[#shared + 1] = hash
      where[#where + 1] = theirs
    end
  end
  local ours = #doc.hashes
  while ours > 0 and doc.hashes[ours] > limit do ours = ours - 1 end
  local smaller = math.min(ours, theirs)
  if #shared < rules.min_shared or smaller < rules.min_compared then return 0, shared, ours, 0, 0, theirs end
  local mine, yours, parts, others = {}, {}, 0, 0
  local first = REP_BYTES + rep.hashes * 3 + rep.facts * 4
  for i = 1, #shared do
    local segment = at[shared[i]]
    if not mine[segment] then
      mine[segment] = true
      parts = parts + 1
    end
    local pair = string.byte(text, first + math.floor((where[i] + 1) / 2))
    segment = where[i] % 2 == 1 and math.floor(pair / 16) or pair % 16
    if not yours[segment] then
      yours[segment] = true
      others = others + 1
    end
  end
  if ours > theirs then parts, others = others, parts end
  local by_chance = 1000 / (rules.segments * (1 - (1 - 1 / rules.segments) ^ #shared))
  return math.min(1000, math.floor(1000 * #shared / smaller)), shared, ours, math.floor(parts * by_chance),
    math.floor(others * by_chance), theirs
end

-- The containment that makes the doc a copy. `spread`, `reach`: over the smaller text, over the larger.
local function needed(doc, rep, spread, reach, is_own, rules)
  if disagree(doc, rep, rules) then return rules.join_disagree end
  if rep.site == doc.site and not is_own then return rules.join_same_site end
  local short = math.min(doc.words, rep.words) < rules.short_words
  if reach < rules.passage and spread < rules.spread then
    return short and rules.join_passage_short or rules.join_passage
  end
  if short then return rules.join_short end
  if spread < rules.together then return rules.join_together end
  return spread < rules.spread and rules.join or rules.join_spread
end

-- Representatives by the number of anchors in common, most first, the older first among equals.
local function candidates(doc, tables, rules)
  local count, order = {}, {}
  for _, t in ipairs(tables) do
    t.found = {}
    if t.entries > 0 then
      for i = 1, #doc.anchors do
        local anchor = doc.anchors[i]
        local value = redis.call('HGET', bucket_of(t, anchor[2]), anchor[1])
        t.found[i] = value
        if value then
          for j = 1, #value, 3 do
            local label = string.sub(value, j, j + 2)
            local had = count[label]
            if had then
              count[label] = had + 1
            else
              count[label] = 1
              order[#order + 1] = label
            end
          end
        end
      end
    end
  end
  local kept, least = {}, doc.words < rules.short_words and rules.candidate_hits_short or rules.candidate_hits
  for i = 1, #order do
    if count[order[i]] >= least then kept[#kept + 1] = order[i] end
  end
  table.sort(kept, function(a, b)
    if count[a] ~= count[b] then return count[a] > count[b] end
    return a < b
  end)
  return kept
end

-- A round-up: three or more stories explain a piece of it each that no other does, and none explains most of it.
local function is_digest(doc, found, rules)
  if doc.words < rules.short_words then return false end
  local pieces = {}
  for _, match in ipairs(found) do
    if #match.shared * 1000 > match.ours * rules.main_piece then return false end
    if #match.shared >= rules.piece_shared and not disagree(doc, match.rep, rules) then
      pieces[#pieces + 1] = match
    end
  end
  if #pieces < rules.pieces then return false end
  table.sort(pieces, function(a, b)
    if #a.shared ~= #b.shared then return #a.shared > #b.shared end
    return a.rep.number < b.rep.number
  end)
  local covered, stories, number = {}, {}, 0
  for _, match in ipairs(pieces) do
    local new = 0
    for _, hash in ipairs(match.shared) do
      if not covered[hash] then
        covered[hash] = true
        new = new + 1
      end
    end
    local enough = new >= rules.piece_shared and new * 1000 >= match.ours * rules.piece
      and new * 1000 >= #match.shared * rules.piece_apart
    if enough and not stories[match.story] then
      stories[match.story] = true
      number = number + 1
    end
  end
  return number >= rules.pieces
end

-- `confirmed`: provisional texts do not count
-- -> {story, containment, rep} or nil, whether it is a digest, another story that holds the text as well or nil
local function decide(doc, tables, own, root, rules, confirmed)
  local labels = candidates(doc, tables, rules)
  local found, best, by_story, present = {}, nil, {}, tables[1].epoch % 65536
  for i = 1, math.min(#labels, rules.candidates) do
    local a, b, c = string.byte(labels[i], 1, 3)
    local rep = load_rep(doc.language, (a * 256 + b) * 256 + c)
    if rep and not (confirmed and rep.provisional) then
      local containment, shared, ours, spread, reach, theirs = compare(doc, rep, rules)
      local match = {
        rep = rep, story = root(rep.story), containment = containment, shared = shared, ours = ours, theirs = theirs,
      }
      found[#found + 1] = match
      if containment >= rules.join_spread and containment >= needed(doc, rep, spread, reach, rep.number == own, rules) then
        local same = by_story[match.story]
        if not same or containment > same.containment then by_story[match.story] = match end
        -- The same text may stand in both epochs: what stands in the present one is findable already.
        local better = not best or containment > best.containment
          or (containment == best.containment and (#shared > #best.shared
            or (#shared == #best.shared and rep.epoch == present and best.rep.epoch ~= present)))
        if better then best = match end
      end
    end
  end
  if is_digest(doc, found, rules) then return nil, true, nil end
  local function holds(match)
    return match.containment >= rules.merge and #match.shared * 1000 >= match.theirs * rules.merge_cover
  end
  local hint = nil
  if best and holds(best) then
    for story, match in pairs(by_story) do
      if story ~= best.story and holds(match) then
        if not hint or match.containment > hint.containment
          or (match.containment == hint.containment and match.rep.number < hint.rep.number) then hint = match end
      end
    end
  end
  return best, false, hint and hint.story or nil
end
