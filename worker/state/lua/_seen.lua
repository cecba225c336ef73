-- seen:<epoch>:<bucket>   4 live epochs of a third of the days each: known for 30 to 40 days after the last use.
-- The value, one small integer, counts how often the article was offered again: 11 * (epoch of the last time mod 8)
-- + count. The count starts anew when the last time is 4 epochs back, so never more than 10 in 30 days.
local SEEN_LIVE = 4
local AGAIN = 10

local function seen_value(epoch, count)
  return (epoch % 8) * 11 + count
end

local function seen_count(value, epoch)
  value = tonumber(value)
  local last, count = math.floor(value / 11), value % 11
  if (epoch - last) % 8 >= SEEN_LIVE then return 0, true end
  return count, false
end

-- Known? Then its 30 days begin again, and those of its record (docs, see assign.lua), which must live as long.
local function see_again(raw, epoch, length)
  local value, found = find('seen', raw, epoch, SEEN_LIVE)
  if not value then return false end
  if found ~= epoch then
    local _, stale = seen_count(value, epoch)
    forget('seen', raw, found)
    put('seen', raw, stale and seen_value(epoch, 0) or value, epoch, SEEN_LIVE, length)
    refresh('docs', raw, epoch, SEEN_LIVE, length)
  end
  return true
end

local function see(raw, epoch, length)
  put('seen', raw, seen_value(epoch, 0), epoch, SEEN_LIVE, length)
end
