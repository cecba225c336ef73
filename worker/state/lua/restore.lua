#!lua
-- include: _base _epochs _seen _record
-- Teach a document that the index holds. A record of a later revision stays; an exact hash that leads already stays.
-- ARGV: 16-byte id, ms of an epoch, content, exact ('' for none), story, revision, first seen ms, '1' to group by exact
local raw, length, exact, revision = ARGV[2], tonumber(ARGV[3]), ARGV[5], tonumber(ARGV[7])
local epoch = epoch_at(length)
local r = load_record(raw, epoch, length)
if not r or r.revision <= revision then
  put_record(raw, {
    story = ARGV[6], exact = exact ~= '' and exact or NO_EXACT, content = ARGV[4], revision = revision,
    first_seen = tonumber(ARGV[8]), delivered = true,
  }, epoch, length)
end
if exact ~= '' and ARGV[9] == '1' and not find('exact', exact, epoch_at(EXACT_LENGTH), EXACT_LIVE) then
  post_exact(exact, ARGV[6])
end
return 1
