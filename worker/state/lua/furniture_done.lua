#!lua flags=allow-oom
-- include: _base _furniture
-- A share of a site's cleaning is over: go on from the cursor, or with '' all is done. Where the site was marked again
-- meanwhile it begins anew. ARGV: site, token, cursor ms or '', serial -> 1, or 0 when the lease was lost
local site, cursor = ARGV[2], ARGV[4]
local job = read_job(site)
if not job or job.token ~= ARGV[3] then return 0 end
if cursor == '' and job.serial == tonumber(ARGV[5]) then
  redis.call('HDEL', P .. 'furniture:jobs', site)
  redis.call('ZREM', P .. 'furniture:dirty', site)
  return 1
end
job.token = '-'
if job.serial ~= tonumber(ARGV[5]) then job.cursor = 0 elseif cursor ~= '' then job.cursor = tonumber(cursor) end
write_job(site, job)
redis.call('ZADD', P .. 'furniture:dirty', digits(now), site)
return 1
