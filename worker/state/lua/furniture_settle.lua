#!lua
-- include: _base _epochs _seen _record
-- The article's stored version is this one with less furniture cut: from now on it counts as this one, so the next
-- `assign` finds it unchanged. ARGV: 16-byte id, ms of an epoch, content now, contents as they may have been stored
-- -> 1 when it was so; without any: 1 when another content is known, so that it is worth asking
local raw, length = ARGV[2], tonumber(ARGV[3])
local epoch = epoch_at(length)
local r = load_record(raw, epoch, length)
local content = string.sub(ARGV[4], 1, CONTENT_BYTES)
if not r or r.content == content then return 0 end
if #ARGV == 4 then return 1 end
for i = 5, #ARGV do
  if r.content == string.sub(ARGV[i], 1, CONTENT_BYTES) then
    r.content = content
    put_record(raw, r, epoch, length)
    return 1
  end
end
return 0
