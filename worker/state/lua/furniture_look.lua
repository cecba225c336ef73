#!lua flags=no-writes
-- include: _base _furniture
-- Which blocks are furniture of this site? ARGV: site, 8-byte marks -> for each its serial, or 0
local site = ARGV[2]
local gen = tonumber(redis.call('HGET', site_key(site), 'gen.k') or 0)
local answer, marks = {}, {}
for i = 3, #ARGV do
  marks[#marks + 1] = ARGV[i]
  answer[#answer + 1] = 0
end
for g = gen, math.max(gen - 1, 0), -1 do
  for i, serial in ipairs(redis.call('HMGET', known_key(site, g), unpack(marks))) do
    if serial then answer[i] = tonumber(serial) end
  end
end
return answer
