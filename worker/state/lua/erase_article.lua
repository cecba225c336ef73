#!lua flags=allow-oom
-- include: _base _epochs _seen _record _near _decide _story _rebuild
-- Forget articles: that they were seen, their newest versions, and that they lead a story. A story that is named by one
-- keeps its name; one that was led by one has no lead until its next document comes, or those that are there are settled.
-- ARGV: ms of an epoch, '1' to only count, then (16-byte id, its story as far as known or '') each
-- -> how many versions were known
local length, only_count = tonumber(ARGV[2]), ARGV[3] == '1'
local epoch = epoch_at(length)
local known = 0

local function vacate(story, raw)
  local naming = load_record(story, epoch, length)
  if naming and naming.lead == raw then
    naming.lead, naming.words = NO_LEAD, 0
    put_record(story, naming, epoch, length)
    want_settled(story)
  end
end

for i = 4, #ARGV, 2 do
  local raw, told = ARGV[i], ARGV[i + 1]
  local text = find('docs', raw, epoch, SEEN_LIVE)
  local r = text and load_record(raw, epoch, length)
  if r and r.revision > 0 then known = known + 1 end
  if not only_count then
    strike_off(raw)
    redis.call('SREM', P .. 'rebuild:decided', raw)
    for e = epoch, epoch - SEEN_LIVE + 1, -1 do
      forget('seen', raw, e)
      forget('docs', raw, e)
    end
    local story = r and root_of(r.story, epoch, length) or told ~= '' and root_of(told, epoch, length) or raw
    if r and story == raw and (r.names or r.revision == 0) then
      local led = r.lead and r.lead ~= raw and r.lead or NO_LEAD
      put_record(raw, {
        story = raw, content = string.rep('\0', CONTENT_BYTES), revision = 0, first_seen = r.first_seen, rep = NONE,
        containment = 1000, delivered = true, digest = false, names = true, words = led ~= NO_LEAD and r.words or 0,
        lead = led,
      }, epoch, length)
      if led == NO_LEAD then want_settled(raw) end
    elseif story ~= raw then
      vacate(story, raw)
    end
  end
end
return known
