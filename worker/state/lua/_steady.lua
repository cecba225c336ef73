-- For all waits: from here on `now` does not follow when the server's clock is set (clock.lua). `wall` does: it is the
-- time of the day, for what people read.
--   clock    ms by which the server's clock was set since
now = wall - tonumber(redis.call('GET', P .. 'clock') or 0)
