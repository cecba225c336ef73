#!lua flags=allow-oom
-- include: _base _epochs _seen _record _near _decide _story _rebuild
-- What is known of articles now. ARGV: ms of an epoch, then ids
-- -> {story or '' where nothing is known, lead, containment, digest, 1 when provisional and a rebuild is at work ..}
local length = tonumber(ARGV[2])
local epoch = epoch_at(length)
local rebuilding = redis.call('EXISTS', P .. 'rebuild:lease')
local answer = {}
for i = 3, #ARGV do
  local r = load_record(ARGV[i], epoch, length)
  local row = {'', '', 0, 0, 0}
  if r then
    local story = root_of(r.story, epoch, length)
    local lead = lead_of(story, epoch, length)
    if lead ~= NO_LEAD then
      row = {story, lead, r.containment, r.digest and 1 or 0, r.provisional and rebuilding or 0}
    end
  end
  for _, value in ipairs(row) do answer[#answer + 1] = value end
end
return answer
