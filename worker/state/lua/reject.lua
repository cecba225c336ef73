#!lua
-- include: _base _epochs _seen _outbox
-- Entries that cannot be offered: counted as offered and refused and told once per 30 days. Those that were erased are
-- remembered apart (erased:refused), to be forgotten when what was erased may come again.
-- ARGV: ms of an epoch, then (16-byte id, reason, payload, event) each -> how many were counted
local length = tonumber(ARGV[2])
local epoch = epoch_at(length)
local counted = 0
for i = 3, #ARGV, 4 do
  if not see_again(ARGV[i], epoch, length) then
    see(ARGV[i], epoch, length)
    redis.call('HINCRBY', P .. 'ledger', 'offered', 1)
    count('refused', ARGV[i + 1])
    append(ARGV[i + 2], false, (string.gsub(ARGV[i], '.', function(c) return string.format('%02x', string.byte(c)) end)))
    tell(ARGV[i + 3])
    if ARGV[i + 1] == 'erased' then
      redis.call('SADD', P .. 'erased:refused', ARGV[i])
      redis.call('PEXPIRE', P .. 'erased:refused', digits((SEEN_LIVE + 1) * length))
    end
    counted = counted + 1
  end
end
return counted
