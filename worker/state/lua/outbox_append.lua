#!lua
-- include: _base _epochs _seen _record _outbox
-- A finished offer that never was in the frontier (import). `once` names this very call: when its answer was lost and
-- it is sent again, it counts once.
-- ARGV: once, payload, state, reason, event, article id, ('' or 16-byte id, ms of an epoch, revision) -> 1, 0 when it came before
if not redis.call('SET', P .. 'once:' .. ARGV[2], '1', 'NX', 'EX', 600) then return 0 end
redis.call('HINCRBY', P .. 'ledger', 'offered', 1)
local raw = ARGV[8]
append(ARGV[3], raw ~= '', ARGV[7])
if raw == '' then
  count(ARGV[4], ARGV[5])
  tell(ARGV[6])
else
  deliver(raw, tonumber(ARGV[9]), tonumber(ARGV[10]))
end
return 1
