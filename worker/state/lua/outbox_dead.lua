#!lua flags=allow-oom
-- include: _base _epochs _seen _record _outbox
-- A document that the index will not take: kept in the bounded stream outbox:dead, counted as failed. Its version is no
-- longer `delivered`, so the same content is written again when it is offered again.
-- ARGV: receipt, state, reason, event, detail, most kept, ('' or 16-byte id, ms of an epoch) -> 1, 0 when it was acknowledged before
local receipt = ARGV[2]
local entry = redis.call('XRANGE', P .. 'outbox', receipt, receipt)[1]
if redis.call('XACK', P .. 'outbox', 'index', receipt) == 0 or not entry then return 0 end
remove(receipt, entry)
redis.call('XADD', P .. 'outbox:dead', 'MAXLEN', ARGV[7], '*', 'p', entry[2][4], 'event', ARGV[5], 'detail', ARGV[6])
if entry[2][2] == '1' then
  redis.call('DECR', P .. 'outbox:documents')
  count(ARGV[3], ARGV[4])
  tell(ARGV[5])
  local length = tonumber(ARGV[9])
  local epoch = epoch_at(length)
  local r = load_record(ARGV[8], epoch, length)
  if r then
    r.delivered = false
    put_record(ARGV[8], r, epoch, length)
  end
end
return 1
