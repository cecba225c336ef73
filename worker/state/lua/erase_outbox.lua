#!lua flags=allow-oom
-- include: _base _outbox
-- Finished items that must go before they are written; each leaves an event that says no more than its hash. One that a
-- worker has in hand is left to it: it writes nothing erased, and acknowledges. A deleted entry keeps its bytes until all
-- of its node of the stream is gone (4 kB, 100 entries): its neighbours move to the end.
-- ARGV: idle ms, then (receipt, payload) each -> for each: 1 erased, 0 in a worker's hand, -1 not there
local NODE_BYTES, NODE_ENTRIES = 4096, 100
local stream, idle = P .. 'outbox', tonumber(ARGV[2])

local function is_in_hand(receipt)
  local found = redis.pcall('XPENDING', stream, 'index', receipt, receipt, 1)
  return not found.err and found[1] and found[1][3] < idle
end

local function take_out(entry)
  redis.pcall('XACK', stream, 'index', entry[1])
  remove(entry[1], entry)
end

local function move(entries)
  local bytes = 0
  for _, entry in ipairs(entries) do
    local fields = entry[2]
    bytes = bytes + #fields[4]
    if not is_in_hand(entry[1]) then
      local newest = redis.call('HGET', P .. 'outbox:ids', fields[6]) == entry[1]
      local moved = redis.call('XADD', stream, '*', unpack(fields))
      redis.call('INCRBY', P .. 'outbox:bytes', #fields[4] + ENTRY_BYTES)
      take_out(entry)
      if newest then redis.call('HSET', P .. 'outbox:ids', fields[6], moved) end
    end
    if bytes > NODE_BYTES then return end
  end
end

local answer, gone = {}, {}
for i = 3, #ARGV, 2 do
  local receipt = ARGV[i]
  local entry = redis.call('XRANGE', stream, receipt, receipt)[1]
  if not entry then
    answer[#answer + 1] = -1
  elseif is_in_hand(receipt) then
    answer[#answer + 1] = 0
  else
    take_out(entry)
    if entry[2][2] == '1' then
      redis.call('DECR', P .. 'outbox:documents')
      count('refused', 'erased')
    end
    append(ARGV[i + 1], false, entry[2][6])
    answer[#answer + 1] = 1
    gone[#gone + 1] = receipt
  end
end
for _, receipt in ipairs(gone) do
  move(redis.call('XREVRANGE', stream, '(' .. receipt, '-', 'COUNT', NODE_ENTRIES))
  move(redis.call('XRANGE', stream, '(' .. receipt, '+', 'COUNT', NODE_ENTRIES))
end
return answer
