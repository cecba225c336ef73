#!lua flags=allow-oom
-- include: _base _feed_forget
-- Forget a subscription. A poll that is under way finds its lease gone; its host's lock runs out or is released.
-- ARGV: id -> 1 when it was there
redirect_aliases(ARGV[2], nil)
return forget_feed(ARGV[2])
