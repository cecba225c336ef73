-- Every script: KEYS[1] is the common beginning of all keys, `{prefix}:` (one hash tag, so one shard);
-- ARGV[1] is a shift of the clock in ms (0 but in tests). The clock is the server's own, so all processes agree.
local P = KEYS[1]
local clock = redis.call('TIME')
local wall = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(ARGV[1])
local now = wall

-- Numbers of milliseconds as digits; Lua would write large ones as 1.7e+12.
local function digits(number)
  return string.format('%.0f', number)
end
