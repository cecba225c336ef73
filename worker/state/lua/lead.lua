#!lua flags=allow-oom
-- include: _base _epochs _seen _record _near _decide _story _erased
-- ARGV: ms of an epoch, story, lead, words, first seen ms, the lead's host -> 1, or 0 when that article was erased
if is_erased(ARGV[4]) or is_erased_host(ARGV[7]) then return 0 end
local length = tonumber(ARGV[2])
local epoch = epoch_at(length)
local story = root_of(ARGV[3], epoch, length)
set_lead(story, ARGV[4], math.min(tonumber(ARGV[5]), 65535), tonumber(ARGV[6]), epoch, length)
want_settled(story)
return 1
