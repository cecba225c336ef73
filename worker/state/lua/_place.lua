-- Where a text belongs and how copies find it from then on.
-- t: doc, exact, near_epoch, ttl, rules, root (story -> what it is today), confirmed (see _rebuild.lua)

-- How much of the text its representative shows, in thousandths.
local function covered_by(shared, ours)
  return ours > 0 and 1000 * #shared / ours or 0
end

local function tables_of(t)
  local language = t.doc.language
  t.tables = t.tables or {open_table(language, t.near_epoch), open_table(language, t.near_epoch - 1)}
  return t.tables
end

-- Notes in `t.known` what is known of the very same text.
local function look_up_exact(t)
  t.known = t.exact ~= '' and refresh('exact', t.exact, t.near_epoch, EXACT_LIVE, t.rules.epoch_ms) or nil
  if t.known and t.confirmed and #t.known > EXACT_BYTES then t.known = nil end
end

-- `own`: number of the article's own representative, or NONE -> what it is a copy of or nil, whether it is a digest,
-- another story that holds it or nil
local function find_copied(t, own)
  if t.known then
    local a, b, c = string.byte(t.known, 17, 19)
    local number = (a * 256 + b) * 256 + c
    return {story = t.root(string.sub(t.known, 1, 16)), containment = 1000, rep = {number = number}, covered = 1000}, false, nil
  elseif #t.doc.hashes > 0 then
    local best, digest, hint = decide(t.doc, tables_of(t), own, t.root, t.rules, t.confirmed)
    if best then best.covered = covered_by(best.shared, best.ours) end
    return best, digest, hint
  end
  return nil, false, nil
end

local function put_exact(t, r)
  put('exact', t.exact, r.story .. struct.pack('>I3', r.rep) .. (r.provisional and '\1' or ''), t.near_epoch,
    EXACT_LIVE, t.rules.epoch_ms)
end

-- A representative of its own, for a text that none shows so far.
local function show(t, r)
  r.rep, r.own = save_rep(tables_of(t)[1], rep_of(t.doc, r.story, r.provisional), t.ttl), true
  post(tables_of(t)[1], t.doc.anchors, r.rep, t.rules, t.ttl)
end

-- What a copy was matched with stays findable as long as copies come.
local function keep_findable(t, r, matched)
  local old = load_rep(t.doc.language, matched)
  if not old or old.epoch == t.near_epoch % 65536 then return end
  tables_of(t)[1].found = nil  -- that was about other anchors
  local number = save_rep(tables_of(t)[1], old, t.ttl)
  post(tables_of(t)[1], anchors_of_rep(old), number, t.rules, t.ttl)
  if r.rep == matched then r.rep = number end
  if t.known then put_exact(t, r) end
end

-- -> a confirmed representative of this story that shows the text, or NONE
local function shown_by(doc, tables, story, root, rules)
  local labels = candidates(doc, tables, rules)
  for i = 1, math.min(#labels, rules.candidates) do
    local a, b, c = string.byte(labels[i], 1, 3)
    local rep = load_rep(doc.language, (a * 256 + b) * 256 + c)
    if rep and not rep.provisional and root(rep.story) == story then
      local containment, shared, ours = compare(doc, rep, rules)
      if containment > 0 and covered_by(shared, ours) >= rules.repost then return rep.number end
    end
  end
  return NONE
end
