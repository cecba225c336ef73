#!lua flags=allow-oom
-- include: _base
-- Dead letters that must go. The others are written into a new stream: a deleted entry would keep its bytes.
-- ARGV: receipts -> how many were there
local old, new = P .. 'outbox:dead', P .. 'outbox:dead:new'
local wanted, gone, kept, from = {}, 0, 0, '-'
for i = 2, #ARGV do wanted[ARGV[i]] = true end
redis.call('DEL', new)
repeat
  local part = redis.call('XRANGE', old, from, '+', 'COUNT', 500)
  for _, entry in ipairs(part) do
    if wanted[entry[1]] then
      gone = gone + 1
    else
      redis.call('XADD', new, entry[1], unpack(entry[2]))
      kept = kept + 1
    end
    from = '(' .. entry[1]
  end
until #part == 0
if kept > 0 then redis.call('RENAME', new, old) else redis.call('DEL', old) end
return gone
