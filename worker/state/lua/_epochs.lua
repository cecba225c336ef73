-- What is forgotten by whole epochs: `<kind>:<epoch>:<bucket>` hashes, small enough to stay listpacks.
-- A lookup tries the live epochs, the current first; what is used moves into the current one. The field is the first
-- 8 bytes of a 16-byte hash, the bucket comes from two further bytes: 77 bits tell two hashes apart.
local BUCKETS = 8192

local function epoch_at(length)
  return math.floor(wall / length)
end

local function bucket(kind, epoch, raw)
  local high, low = string.byte(raw, 9, 10)
  return string.format('%s%s:%d:%d', P, kind, epoch, (high * 256 + low) % BUCKETS)
end

local function field_of(raw)
  return string.sub(raw, 1, 8)
end

-- -> value, the epoch it was found in; or nil
local function find(kind, raw, epoch, live)
  local field = field_of(raw)
  for e = epoch, epoch - live + 1, -1 do
    local value = redis.call('HGET', bucket(kind, e, raw), field)
    if value then return value, e end
  end
  return nil
end

local function put(kind, raw, value, epoch, live, length)
  local hash = bucket(kind, epoch, raw)
  redis.call('HSET', hash, field_of(raw), value)
  if redis.call('HLEN', hash) == 1 then
    redis.call('PEXPIRE', hash, digits((epoch + live) * length - wall))
  end
end

local function forget(kind, raw, epoch)
  redis.call('HDEL', bucket(kind, epoch, raw), field_of(raw))
end

-- Find, and move into the current epoch.
local function refresh(kind, raw, epoch, live, length)
  local value, found = find(kind, raw, epoch, live)
  if value and found ~= epoch then
    forget(kind, raw, found)
    put(kind, raw, value, epoch, live, length)
  end
  return value, found
end
