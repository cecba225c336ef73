#!lua flags=allow-oom
-- include: _base _outbox
-- The index has answered: delete the items and count those with a document. What was acknowledged before counts nothing.
-- ARGV: (receipt, state, reason, event or '' when it need not be told) each -> how many were acknowledged now
local acknowledged = 0
for i = 2, #ARGV, 4 do
  local receipt = ARGV[i]
  local entry = redis.call('XRANGE', P .. 'outbox', receipt, receipt)[1]
  if redis.call('XACK', P .. 'outbox', 'index', receipt) == 1 and entry then
    remove(receipt, entry)
    acknowledged = acknowledged + 1
    if entry[2][2] == '1' then
      redis.call('DECR', P .. 'outbox:documents')
      count(ARGV[i + 1], ARGV[i + 2])
      if ARGV[i + 3] ~= '' then tell(ARGV[i + 3]) end
    end
  end
end
return acknowledged
