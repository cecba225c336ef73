-- Texts that are nearly the same, per language (the part of a key that could name a shard):
--   near:<language>:<epoch>          hash: buckets, entries; chunk and unit of the next representative
--   near:<language>:<epoch>:<bucket> hash: an anchor's upper 3 bytes -> numbers of representatives, 3 bytes each
--   near:<language>:reps:<chunk>     32 kB of representatives, see REP; they go with the epoch they were written in
--   near:chunks                      number of the last chunk, over all languages
-- An anchor's bucket goes by its lower bits. The table grows by one bucket at a time (linear hashing, Litwin 1980), so
-- buckets stay small enough to be listpacks (10 bytes an entry instead of 80) with a thousand documents or a million.
-- Representatives share a string, because a key of its own costs each of them a hundred bytes. Its number is the place.
-- One is provisional when its text was assigned while not all of the window was known (see _rebuild.lua).
local FIRST_BUCKETS = 256
local REP = '>I4I2I2BBBc4c16'
local REP_BYTES = 31
local MOST_REP_BYTES = 1024
local REP_HASHES, REP_FACTS, REP_STORY = 8, 10, 15  -- where these stand in it
local PROVISIONAL_REP = 128  -- added to the number of facts
local UNIT, UNITS = 32, 1024
-- Twenty times the average: only texts whose hashes were sought for one bucket fill it. What is over goes when it is
-- split, and a call takes no more values than Lua can hand over.
local FULL_BUCKET = 1024
local CHUNKS = 16384
local NONE = 0

local function near_key(language, name)
  return P .. 'near:' .. language .. ':' .. name
end

local function open_table(language, epoch)
  local key = near_key(language, epoch)
  local found = redis.call('HMGET', key, 'buckets', 'entries')
  local t = {key = key, language = language, epoch = epoch, entries = tonumber(found[2] or 0), buckets = tonumber(found[1] or FIRST_BUCKETS),
    level = 1}
  while t.level * 2 <= t.buckets do t.level = t.level * 2 end
  return t
end

local function bucket_of(t, low)
  local b = low % (t.level * 2)
  if b >= t.buckets then b = low % t.level end
  return t.key .. ':' .. b
end

-- Every bucket holds an empty field from its beginning, so its expiry is set once and for all.
local function open_bucket(t, number, ttl)
  local key = t.key .. ':' .. number
  redis.call('HSET', key, '', '')
  redis.call('PEXPIRE', key, digits(ttl))
  return key
end

-- One more bucket: it takes over its share of the one that it was part of so far.
local function grow(t, ttl)
  local new = t.buckets
  local old = new - t.level
  local from, to = t.key .. ':' .. old, open_bucket(t, new, ttl)
  local all = redis.call('HGETALL', from)
  local moved, gone, dropped = {}, {}, {}
  for i = 1, #all, 2 do
    local a, b, c = string.byte(all[i], 1, 3)
    if a and i > 2 * FULL_BUCKET then
      dropped[#dropped + 1] = all[i]
    elseif a and (((a * 256 + b) * 256 + c) * 256 + old % 256) % (t.level * 2) == new then
      moved[#moved + 1] = all[i]
      moved[#moved + 1] = all[i + 1]
      gone[#gone + 1] = all[i]
    end
  end
  if #gone > 0 then
    redis.call('HDEL', from, unpack(gone))
    redis.call('HSET', to, unpack(moved))
  end
  for i = 1, #dropped, FULL_BUCKET do
    redis.call('HDEL', from, unpack(dropped, i, math.min(i + FULL_BUCKET - 1, #dropped)))
  end
  t.entries = t.entries - #dropped
  t.buckets = new + 1
  if t.buckets >= t.level * 2 then t.level = t.level * 2 end
end

-- anchors: {{upper 3 bytes, value} ..}; t.found holds what a look-up of the same anchors gave, if there was one
local function post(t, anchors, number, rules, ttl)
  local label = struct.pack('>I3', number)
  local before = t.entries
  if before == 0 then
    for bucket = 0, t.buckets - 1 do open_bucket(t, bucket, ttl) end
  end
  for i = 1, #anchors do
    local anchor = anchors[i]
    local key = bucket_of(t, anchor[2])
    local had
    if t.found then had = t.found[i] else had = redis.call('HGET', key, anchor[1]) end
    local value = had and had .. label or label
    if #value > rules.postings * 3 then value = string.sub(value, -rules.postings * 3) end
    redis.call('HSET', key, anchor[1], value)
    if not had then t.entries = t.entries + 1 end
  end
  t.found = nil
  if t.entries ~= before then
    while t.entries > t.buckets * rules.bucket_entries do grow(t, ttl) end
    redis.call('HSET', t.key, 'buckets', t.buckets, 'entries', t.entries)
    redis.call('PEXPIRE', t.key, digits(ttl))
  end
end

local function parse_hashes(text)
  local list, n = {}, 0
  for i = 1, #text, 4 do
    local a, b, c = string.byte(text, i, i + 2)
    n = n + 1
    list[n] = (a * 256 + b) * 256 + c
  end
  return list
end

local function parse_anchors(text, count)
  local anchors = {}
  for i = 1, count do
    local a, b, c, d = string.byte(text, i * 4 - 3, i * 4)
    anchors[i] = {string.sub(text, i * 4 - 3, i * 4 - 1), ((a * 256 + b) * 256 + c) * 256 + d}
  end
  return anchors
end

local function rep_size(rep)
  return REP_BYTES + rep.hashes * 3 + rep.facts * 4 + math.ceil(rep.hashes / 2) + rep.anchors
end

-- A representative: tau, epoch of its anchors, words, numbers of hashes, anchors, facts, site, story; 3 bytes a hash;
-- facts; segments, two a byte; then the anchors' lowest bytes, so that they can be posted again.
local function load_rep(language, number)
  if number == NONE then return nil end
  local first = number % UNITS * UNIT
  local text = redis.call('GETRANGE', near_key(language, 'reps:' .. math.floor(number / UNITS)), first,
    first + MOST_REP_BYTES - 1)
  if #text < REP_BYTES then return nil end
  local tau, epoch, words, hashes, anchors, facts, site, story = struct.unpack(REP, text)
  local provisional = facts >= PROVISIONAL_REP
  if provisional then facts = facts - PROVISIONAL_REP end
  local rep = {
    number = number, tau = tau, epoch = epoch, words = words, anchors = anchors, facts = facts, site = site,
    story = story, text = text, hashes = hashes, provisional = provisional,
  }
  -- Chunks are reused after half a thousand million bytes: an old number may then point into the middle of a text.
  if hashes == 0 or anchors > hashes or rep_size(rep) > #text then return nil end
  return rep
end

-- Writes it into the table's epoch -> its number. A full chunk is followed by a new one; a text's sketch never spans two.
local function save_rep(t, rep, ttl)
  local found = redis.call('HMGET', t.key, 'chunk', 'unit')
  local chunk, unit = tonumber(found[1]), tonumber(found[2] or 0)
  local size = rep_size(rep)
  local units = math.ceil(size / UNIT)
  if not chunk or unit + units > UNITS then
    chunk, unit = (redis.call('INCR', P .. 'near:chunks') - 1) % (CHUNKS - 1) + 1, 0
    if redis.call('PTTL', P .. 'near:chunks') < 2 * ttl then redis.call('PEXPIRE', P .. 'near:chunks', digits(2 * ttl)) end
    redis.call('DEL', near_key(t.language, 'reps:' .. chunk))
    redis.call('SETRANGE', near_key(t.language, 'reps:' .. chunk), UNITS * UNIT - 1, '\0')
    redis.call('PEXPIRE', near_key(t.language, 'reps:' .. chunk), digits(ttl))
  end
  local head = struct.pack(
    REP, rep.tau, t.epoch % 65536, rep.words, rep.hashes, rep.anchors,
    rep.facts + (rep.provisional and PROVISIONAL_REP or 0), rep.site, rep.story)
  local text = head .. string.sub(rep.text, REP_BYTES + 1, size)
  redis.call('SETRANGE', near_key(t.language, 'reps:' .. chunk), unit * UNIT, text)
  redis.call('HSET', t.key, 'chunk', chunk, 'unit', unit + units)
  redis.call('PEXPIRE', t.key, digits(ttl))
  return chunk * UNITS + unit
end

local function change_rep(language, rep, at, value)
  local key = near_key(language, 'reps:' .. math.floor(rep.number / UNITS))
  redis.call('SETRANGE', key, rep.number % UNITS * UNIT + at, value)
end

-- From now on it shows a text of this story, and for good.
local function confirm_rep(language, rep, story)
  change_rep(language, rep, REP_FACTS, string.char(rep.facts))
  change_rep(language, rep, REP_STORY, story)
end

local function forget_rep(language, rep)
  change_rep(language, rep, REP_HASHES, '\0')
end

local function packed_rep(doc)
  local parts = {string.rep('\0', REP_BYTES)}
  for i = 1, #doc.sketch, 4 do parts[#parts + 1] = string.sub(doc.sketch, i, i + 2) end
  parts[#parts + 1] = doc.facts
  for i = 1, #doc.segments, 2 do
    local high, low = string.byte(doc.segments, i, i + 1)
    parts[#parts + 1] = string.char(high * 16 + (low or 0))
  end
  for i = 1, #doc.anchors do parts[#parts + 1] = string.sub(doc.sketch, i * 4, i * 4) end
  return table.concat(parts)
end

local function anchors_of_rep(rep)
  local anchors = {}
  for i = 1, rep.anchors do
    local at = REP_BYTES + i * 3 - 2
    local low = string.byte(rep.text, rep_size(rep) - rep.anchors + i)
    local a, b, c = string.byte(rep.text, at, at + 2)
    anchors[i] = {string.sub(rep.text, at, at + 2), ((a * 256 + b) * 256 + c) * 256 + low}
  end
  return anchors
end

local function rep_of(doc, story, provisional)
  return {
    provisional = provisional,
    tau = doc.tau, words = doc.words, hashes = #doc.hashes, anchors = #doc.anchors,
    facts = #doc.facts / 4, site = doc.site, story = story, text = packed_rep(doc),
  }
end
