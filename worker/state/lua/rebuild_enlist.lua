#!lua flags=allow-oom
-- include: _base _epochs _seen _record _rebuild _erased
-- A document of which only a provisional story is known is to be decided again. ARGV: token, ms of an epoch, 16-byte id,
--   ms of its turn, '1' when the document itself says that it is provisional, its revision, ms when it was first seen,
--   the text as named fields
-- -> 1, 0 when there is nothing to decide, -1 when the lease is not ours any more
if redis.call('GET', P .. 'rebuild:lease') ~= ARGV[2] then return -1 end
local length, raw, marked = tonumber(ARGV[3]), ARGV[4], ARGV[6] == '1'
local r = load_record(raw, epoch_at(length), length)
if r and not r.provisional or not r and not marked or is_erased(raw) then return 0 end
if r then
  r.revision, r.first_seen = math.max(r.revision, tonumber(ARGV[7])), math.min(r.first_seen, tonumber(ARGV[8]))
  put_record(raw, r, epoch_at(length), length)
end
local text = {revision = ARGV[7], first_seen = ARGV[8]}
for i = 9, #ARGV, 2 do text[ARGV[i]] = ARGV[i + 1] end
text.content = string.sub(text.content, 1, CONTENT_BYTES)
enlist(raw, tonumber(ARGV[5]), text, true)  -- by now without furniture that was not known when it was assigned
return 1
