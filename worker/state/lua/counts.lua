#!lua flags=no-writes
-- include: _base
-- One consistent reading -> {pending, ledger as field, value ..}
local pending = redis.call('HLEN', P .. 'articles:payload') + tonumber(redis.call('GET', P .. 'outbox:documents') or 0)
return {pending, redis.call('HGETALL', P .. 'ledger')}
