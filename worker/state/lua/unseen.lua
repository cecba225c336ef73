#!lua
-- include: _base _epochs _seen _record _link
-- Which entries of a feed are to be offered. New: in no live epoch and not in this feed's window. Changed: in the
-- window with another tag. All that are known are remembered from now on again, also those that only the window knew,
-- and those that are other addresses of an article.
-- ARGV: feed id, ms of an epoch, then (16-byte id, 4-byte tag) each -> string of n (new), c (changed), k (known)
local window, length = P .. 'window:' .. ARGV[2], tonumber(ARGV[3])
local epoch = epoch_at(length)
local answer = {}
for i = 4, #ARGV, 2 do
  local raw, tag = ARGV[i], ARGV[i + 1]
  local known = see_again(raw, epoch, length)
  local last = redis.call('HGET', window, field_of(raw))
  local alias = not known and article_of(raw, epoch, length)
  if (last or alias) and not known then see(raw, epoch, length) end
  known = known or alias
  if last and last ~= tag then
    answer[#answer + 1] = 'c'
  else
    answer[#answer + 1] = (last or known) and 'k' or 'n'
  end
end
return table.concat(answer)
