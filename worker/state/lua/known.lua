#!lua flags=no-writes
-- include: _base _epochs _seen
-- ARGV: ms of an epoch, then 16-byte ids -> string of 1 (has a record) and 0
local epoch = epoch_at(tonumber(ARGV[2]))
local answer = {}
for i = 3, #ARGV do
  answer[#answer + 1] = find('docs', ARGV[i], epoch, SEEN_LIVE) and '1' or '0'
end
return table.concat(answer)
