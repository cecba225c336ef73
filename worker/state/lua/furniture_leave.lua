#!lua flags=allow-oom
-- include: _base _furniture
-- Stories whose articles were erased no longer vote for furniture of their site. What is known already stays known.
-- ARGV: site, '1' to only count, voters (4 bytes) -> how many votes that were
local site, only_count = ARGV[2], ARGV[3] == '1'
local gone = {}
for i = 4, #ARGV do gone[ARGV[i]] = true end
local newest, votes = tonumber(redis.call('HGET', site_key(site), 'gen.n') or 0), 0
for gen = math.max(newest - 1, 0), newest do
  for shard = 0, SHARDS - 1 do
    local key = new_key(site, gen, string.rep('\0', 7) .. string.char(shard))
    local all = redis.call('HGETALL', key)
    for i = 1, #all, 2 do
      local left = string.sub(all[i + 1], 1, 4)
      for at = 5, #all[i + 1], 4 do
        local voter = string.sub(all[i + 1], at, at + 3)
        if gone[voter] then votes = votes + 1 else left = left .. voter end
      end
      if not only_count and #left < #all[i + 1] then
        if #left == 4 then redis.call('HDEL', key, all[i]) else redis.call('HSET', key, all[i], left) end
      end
    end
  end
  for voter in pairs(gone) do
    if not only_count then redis.call('HDEL', articles_key(site, gen), voter) end
  end
end
return votes
