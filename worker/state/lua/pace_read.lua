#!lua flags=no-writes
-- include: _base _steady
-- What the next step of the pace goes by.
-- ARGV: ms after which a feed is overdue
-- -> now ms, ms of the last step ('' before the first), threshold, ms steered so far, polls since, feeds that are polled at all, overdue feeds.
-- Of the feeds that wait for their host only those count whose host could be claimed: one busy host is no overload.
local pace = redis.call('HMGET', P .. 'pace', 'at', 'threshold', 'age', 'polls')
local late = digits(now - tonumber(ARGV[2]))
local overdue = redis.call('ZCOUNT', P .. 'feeds:due', '-inf', late)
  + redis.call('ZCOUNT', P .. 'domains:ready:feeds', '-inf', late)
return {
  digits(now), pace[1] or '', pace[2] or '', pace[3] or '0', pace[4] or '0',
  redis.call('HLEN', P .. 'feeds') - redis.call('ZCARD', P .. 'feeds:paused'), overdue,
}
