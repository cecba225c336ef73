#!lua flags=allow-oom
-- include: _base _epochs _seen _record
-- Which story and revision this version of an article is; one script, so two workers never open the same story twice.
-- The same content again gets the same answer; it is `unchanged` only after it was delivered (finish.lua), so a
-- worker that died between the two loses nothing. Other content is the next revision and stays in its story.
-- ARGV: 16-byte id, ms of an epoch, content, exact ('' for none), now in ms
-- -> {story, revision, first seen ms, unchanged}
local raw, length, content, exact = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local epoch = epoch_at(length)
local r = load_record(raw, epoch, length)
if r and r.content == content then
  return {r.story, r.revision, digits(r.first_seen), r.delivered and 1 or 0}
end
local known = exact ~= '' and refresh('exact', exact, epoch_at(EXACT_LENGTH), EXACT_LIVE, EXACT_LENGTH) or nil
if r then
  r.revision = r.revision + 1
else
  r = {story = known or raw, revision = 1, first_seen = tonumber(ARGV[6])}
end
r.content = content
r.exact = exact ~= '' and exact or NO_EXACT
r.delivered = false
put_record(raw, r, epoch, length)
if exact ~= '' and not known then post_exact(exact, r.story) end
return {r.story, r.revision, digits(r.first_seen), 0}
