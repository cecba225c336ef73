-- What was erased and stays away; the index is its record, this is a copy for the scripts (state/erased.py):
--   erased:hashes           set of 16 bytes: ids of URLs, places, claims (index/erased.py)
--   erased:domains          set of host names, perhaps with a port; what is below one is meant as well
--   erased:refused          set of ids that feeds offered again since; they count as seen
local function is_erased(raw)
  return raw ~= '' and redis.call('SISMEMBER', P .. 'erased:hashes', raw) == 1
end

-- `a.example.org:8080`: itself and every domain that it is part of, with the port and without.
local function is_erased_host(host)
  if host == '' or redis.call('EXISTS', P .. 'erased:domains') == 0 then return false end
  local name, port = string.match(host, '^(%[.*%]):(%d+)$')
  if not name then name, port = string.match(host, '^([^:%[]+):(%d+)$') end
  name = name or host
  local whole = string.match(name, '^[%d.]+$') or string.sub(name, 1, 1) == '['
  while name and name ~= '' do
    if redis.call('SISMEMBER', P .. 'erased:domains', name) == 1 then return true end
    if port and redis.call('SISMEMBER', P .. 'erased:domains', name .. ':' .. port) == 1 then return true end
    name = not whole and string.match(name, '%.(.*)$') or nil
  end
  return false
end
