#!lua flags=allow-oom
-- include: _base _epochs _seen _record _near _decide _story _erased
-- What stories have become. ARGV: ms of an epoch, then stories (16 bytes) -> {story today, its lead ..}; '' where
-- nothing is known of it, 16 zero bytes where its lead was erased and it has none
local length = tonumber(ARGV[2])
local epoch = epoch_at(length)
local answer = {}
for i = 3, #ARGV do
  local story = root_of(ARGV[i], epoch, length)
  local lead, naming = lead_of(story, epoch, length)
  answer[#answer + 1] = story
  if not naming and is_erased(story) then lead, naming = NO_LEAD, {names = true} end
  answer[#answer + 1] = naming and naming.names and lead or ''
end
return answer
