#!lua flags=allow-oom
-- include: _base _epochs _seen _record _near _decide _story
-- What stories have become. ARGV: ms of an epoch, then stories (16 bytes) -> {story today, its lead or '' ..}
local length = tonumber(ARGV[2])
local epoch = epoch_at(length)
local answer = {}
for i = 3, #ARGV do
  local story = root_of(ARGV[i], epoch, length)
  local lead, naming = lead_of(story, epoch, length)
  answer[#answer + 1] = story
  answer[#answer + 1] = naming and naming.names and lead or ''
end
return answer
