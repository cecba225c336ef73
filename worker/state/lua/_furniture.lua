-- What is known of a site's blocks. Two generations of each: the current one is closed when it is full or old, the one
-- before it is then forgotten; what is seen again moves into the current one. So both bounds hold without a sweep, and
-- what is in use stays.
--   furniture:site:<site>          hash: gen.n, count.n, start.n of the candidates; .k of the known; serial
--   furniture:new:<site>:<gen>:<shard>   mark (6 bytes) -> seconds when first seen (4), then a voter (4) for each story
--   furniture:articles:<site>:<gen>  voter -> its words (2), family (4), title's sketch (0..8); as long as its votes
--   furniture:known:<site>:<gen>   mark (8 bytes) -> serial, counted up with each new one
--   furniture:dirty                zset site -> ms when its older articles are to be cleaned (or the lease runs out)
--   furniture:jobs                 hash site -> since ms, marked ms, serial, token, cursor ms
-- Voters are 4 bytes of a story's id. Shards keep the hashes small enough to stay listpacks.
local SHARDS = 16

local function site_key(site)
  return P .. 'furniture:site:' .. site
end

local function new_key(site, gen, mark)
  return string.format('%sfurniture:new:%s:%d:%d', P, site, gen, string.byte(mark, 8) % SHARDS)
end

local function articles_key(site, gen)
  return string.format('%sfurniture:articles:%s:%d', P, site, gen)
end

local function known_key(site, gen)
  return string.format('%sfurniture:known:%s:%d', P, site, gen)
end

local function read_job(site)
  local text = redis.call('HGET', P .. 'furniture:jobs', site)
  if not text then return nil end
  local since, marked, serial, token, cursor = string.match(text, '^(%d+) (%d+) (%d+) (%S+) (%d+)$')
  return {
    since = tonumber(since), marked = tonumber(marked), serial = tonumber(serial), token = token,
    cursor = tonumber(cursor),
  }
end

local function write_job(site, j)
  redis.call('HSET', P .. 'furniture:jobs', site, string.format(
    '%s %s %s %s %s', digits(j.since), digits(j.marked), digits(j.serial), j.token, digits(j.cursor)))
end
