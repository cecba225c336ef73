#!lua
-- include: _base _furniture _erased
-- One article's blocks: each is a vote of the article's story for "furniture". With enough votes it is known, and the
-- site is marked for cleaning. A voter counts once. None counts that one story explains together with an earlier one:
-- the same story id; a related title (half of the longer words); four fifths of the shorter body in common, or a half
-- where that holds the lead, the first block of some length: boxes stand behind it.
-- Repeating a call changes nothing. A block that is known by now but was not when this article was looked up marks the
-- site again: this article is stored with it.
-- ARGV: site, voter (4 bytes), sketch, fetched ms, stories needed, candidates per generation, known per generation,
--   ms of a generation, gather ms, the article ('' for none), then for each block: mark (8 bytes), words, '1' if it was
--   known at the look-up
-- -> how many became known; 0 as well when the article or its site was erased
local site, mine, sketch, fetched = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local needed, most, most_known = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local length, gather = tonumber(ARGV[9]), tonumber(ARGV[10])
local COVERED, COVERED_WITH_LEAD, LEAD_WORDS = 0.8, 0.5, 12
if is_erased(ARGV[11]) or is_erased_host(site) then return 0 end
local record = site_key(site)

local function open(kind, full, forget)
  local row = redis.call('HMGET', record, 'gen.' .. kind, 'count.' .. kind, 'start.' .. kind)
  local gen, count, start = tonumber(row[1] or 0), tonumber(row[2] or 0), tonumber(row[3] or now)
  if count >= full or now - start >= length then
    if gen > 0 then forget(gen - 1) end
    gen, count, start = gen + 1, 0, now
  end
  return {gen = gen, count = count, start = start}
end

local g = open('n', most, function(gen)
  redis.call('UNLINK', articles_key(site, gen))
  for shard = 0, SHARDS - 1 do redis.call('UNLINK', new_key(site, gen, string.rep('\0', 7) .. string.char(shard))) end
end)
local k = open('k', most_known, function(gen) redis.call('UNLINK', known_key(site, gen)) end)
local serial = tonumber(redis.call('HGET', record, 'serial') or 0)

local function put(key, field, value)
  if redis.call('HSET', key, field, value) == 1 and redis.call('HLEN', key) == 1 then
    redis.call('PEXPIRE', key, digits(2 * length))
  end
end

local function put_known(mark, value)
  put(known_key(site, k.gen), mark, value)
  k.count = k.count + 1
end

local function article_of(voter)
  return redis.call('HGET', articles_key(site, g.gen), voter)
    or g.gen > 0 and redis.call('HGET', articles_key(site, g.gen - 1), voter)
end

local function related(other)
  if #other == 0 or #sketch == 0 then return false end
  local shared = 0
  for i = 1, #other do
    if string.find(sketch, string.sub(other, i, i), 1, true) then shared = shared + 1 end
  end
  local shorter = math.min(#other, #sketch)
  return shared * 2 >= shorter and shared >= math.min(2, shorter)
end

-- Where each block stands, and how much of this body each earlier voter's has.
local words, covered, with_lead, open_blocks, late = 0, {}, nil, {}, false
for i = 12, #ARGV, 3 do
  local mark = ARGV[i]
  local value = redis.call('HGET', known_key(site, k.gen), mark)
  if not value and k.gen > 0 then
    value = redis.call('HGET', known_key(site, k.gen - 1), mark)
    if value then
      redis.call('HDEL', known_key(site, k.gen - 1), mark)
      put_known(mark, value)
    end
  end
  if value then
    late = late or ARGV[i + 2] == '0'
  else
    local field = string.sub(mark, 1, 6)
    local votes, moved = redis.call('HGET', new_key(site, g.gen, mark), field), false
    if not votes and g.gen > 0 then
      local before = new_key(site, g.gen - 1, mark)
      votes = redis.call('HGET', before, field)
      if votes then
        redis.call('HDEL', before, field)
        moved = true
      end
    end
    local size = tonumber(ARGV[i + 1])
    local is_lead = not with_lead and size >= LEAD_WORDS
    if is_lead then with_lead = {} end
    words = words + size
    for at = 5, #(votes or ''), 4 do
      local voter = string.sub(votes, at, at + 3)
      covered[voter] = (covered[voter] or 0) + size
      if is_lead then with_lead[voter] = true end
    end
    open_blocks[#open_blocks + 1] = {mark = mark, field = field, votes = votes, moved = moved}
  end
end

-- Who is of this story. A copy of a copy need not look like the first: a story joins the family of the one that it has
-- most in common with, for good, and a family has one vote.
local same, family, nearest, most_shared = {}, {}, nil, -1
for voter, share in pairs(covered) do
  local article, shorter, title = article_of(voter), words, ''
  if article then
    redis.call('HSETNX', articles_key(site, g.gen), voter, article) -- moves along with its votes
    shorter, title = math.min(words, (struct.unpack('>I2', article))), string.sub(article, 7)
    family[voter] = string.sub(article, 3, 6)
  end
  local enough = with_lead and with_lead[voter] and COVERED_WITH_LEAD or COVERED
  same[voter] = voter == mine or share > 0 and share >= enough * shorter or related(title)
  if same[voter] and (share > most_shared or share == most_shared and voter < nearest) then
    nearest, most_shared = voter, share
  end
end
local known_as = article_of(mine)
local my_family = known_as and string.sub(known_as, 3, 6) or nearest and family[nearest] or mine

local learned, since = 0, fetched
for _, block in ipairs(open_blocks) do
  local first = math.floor(fetched / 1000)
  if block.votes then first = math.min(first, (struct.unpack('>I4', block.votes))) end
  local votes = struct.pack('>I4', first) .. string.sub(block.votes or '', 5)
  local explained = false
  for at = 5, #votes, 4 do
    local voter = string.sub(votes, at, at + 3)
    explained = explained or same[voter] or family[voter] == my_family
  end
  if not explained then votes = votes .. mine end
  local key = new_key(site, g.gen, block.mark)
  if #votes >= 4 + 4 * needed then
    redis.call('HDEL', key, block.field)
    serial = serial + 1
    learned = learned + 1
    since = math.min(since, first * 1000)
    put_known(block.mark, serial)
  elseif votes ~= block.votes or block.moved then
    if block.moved or not block.votes then g.count = g.count + 1 end
    put(key, block.field, votes)
  end
end
if #open_blocks > 0 then
  put(articles_key(site, g.gen), mine, known_as or struct.pack('>I2', math.min(words, 65535)) .. my_family .. sketch)
end

redis.call('HSET', record,
  'gen.n', g.gen, 'count.n', g.count, 'start.n', digits(g.start),
  'gen.k', k.gen, 'count.k', k.count, 'start.k', digits(k.start), 'serial', serial)
redis.call('PEXPIRE', record, digits(2 * length))

if learned > 0 or late then
  local job = read_job(site) or {since = since, token = '-', serial = 0}
  job.since, job.marked, job.serial, job.cursor = math.min(job.since, since), now, job.serial + 1, 0
  write_job(site, job)
  redis.call('ZADD', P .. 'furniture:dirty', 'NX', digits(now + gather), site)
end
return learned
