#!lua flags=allow-oom
-- include: _base _epochs _seen _record _near _decide _story
-- Two stories are one: the older id stays, the other becomes its alias, the fuller lead leads both. Doing it again
-- changes nothing. ARGV: ms of an epoch, story, story, lead's growth in thousandths -> {older, younger}
local length = tonumber(ARGV[2])
local epoch = epoch_at(length)
local one, other = root_of(ARGV[3], epoch, length), root_of(ARGV[4], epoch, length)
if one == other then return {one, one == ARGV[4] and ARGV[3] or ARGV[4]} end
local older, younger = by_age(one, other, epoch, length)
merge_into(older, younger, tonumber(ARGV[5]), epoch, length)
-- Asked anew: what was taken for the index before this very moment may still be on its way there.
want_settled(ARGV[3] .. ARGV[4])
return {older, younger}
