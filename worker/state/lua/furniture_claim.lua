#!lua flags=allow-oom
-- include: _base _furniture
-- One site whose older articles are to be cleaned: leased, so that nobody else gets it until `done` or the lease's end.
-- Sites wait until their memory has gathered; when nothing else is on its way there is nothing to wait for. None is
-- given while the outbox holds a document older than the site's last mark (and a margin): the index does not have it
-- yet. After half an hour of that it is tried all the same: what is stuck there so long is not on its normal way.
-- ARGV: token, lease ms -> {} or {site, since ms, cursor ms, serial}
local MARGIN, PATIENCE = 10000, 1800000
local dirty = P .. 'furniture:dirty'
local idle = redis.call('ZCARD', P .. 'articles:queued') + redis.call('ZCARD', P .. 'articles:inflight') == 0
  and redis.call('XLEN', P .. 'outbox') == 0
local oldest
local first = redis.call('XRANGE', P .. 'outbox', '-', '+', 'COUNT', 1)[1]
if first then oldest = tonumber(string.match(first[1], '^%d+')) end
for _, site in ipairs(redis.call('ZRANGE', dirty, '-inf', idle and '+inf' or digits(now), 'BYSCORE', 'LIMIT', 0, 50)) do
  local job = read_job(site)
  local due = tonumber(redis.call('ZSCORE', dirty, site)) <= now
  local behind = oldest and oldest < job.marked + MARGIN and now - job.marked < PATIENCE
  if (due or job.token == '-') and not behind then
    job.token = ARGV[2]
    write_job(site, job)
    redis.call('ZADD', dirty, digits(now + tonumber(ARGV[3])), site)
    return {site, digits(job.since), digits(job.cursor), job.serial}
  end
end
return {}
